import Casework

extension Submission {
    /// How many bytes of a word to staff are looked at.
    private static let longestText = FormLimit.texts.rawValue

    /// What a form holds in `comment`, `files` and `removed`.
    /// - Parameter ignoring: fields that the form has for other purposes.
    /// - Throws: `CaseworkError.invalid` for whatever is wrong with each, `.tooLarge`.
    init(_ form: Form, ignoring others: Set<String> = []) throws {
        for (name, files) in form.files where name != "files" {
            // a text as long as a file
            if files.contains(where: \.name.isEmpty) {
                throw CaseworkError.tooLarge(.beyond(.formTooLarge, most: Self.longestText))
            }
            throw CaseworkError.invalid(name, .unknownField)
        }
        self = try Fields.read(form: form.fields.filter { !others.contains($0.key) }) { fields in
            Submission(
                comment: fields.optional("comment", .text(ProgressAction.commentLength, multiline: true)),
                adding: form.newFiles("files", &fields), removing: fields.value("removed", .ids, default: []))
        }
    }
}
