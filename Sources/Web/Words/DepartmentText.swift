/// Text keys of departments.
enum DepartmentText: String, TextKey {
    static let feature = "departments"

    case heading, intro, find, none, noneText, new, name, nameHint, directors, noDirectors, addDirector,
        findDirector, add, noOthers, remove, removeText, rename, delete, deleteText
}
