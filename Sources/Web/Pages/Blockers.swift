import Casework

extension Catalogue {
    /// What hangs on something that cannot be removed, as `Casework` lists it: names stay as they are, kinds and counts
    /// (`3 former students`) are said in this language.
    func blocker(_ english: String) -> String {
        let words = english.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let count = Int(words[0]) else { return sentence(english) }
        let kind = words[1].hasSuffix("s") ? words[1].dropLast() : words[1]
        guard let key = ErrorText(rawValue: "count-\(kind.replacing(" ", with: "-"))") else { return english }
        return self[key, n: count]
    }
}
