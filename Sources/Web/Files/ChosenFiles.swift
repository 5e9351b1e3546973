import Casework

extension Form {
    /// The files that were chosen in a field; what is wrong with each is told there.
    func newFiles(_ name: String, _ fields: inout Fields) -> [NewFile] {
        var chosen: [NewFile] = []
        for file in files[name] ?? [] {
            let type = FileAPI.isMediaType(file.type) ? file.type : "application/octet-stream"
            do throws(Refusal) {
                chosen.append(try NewFile(name: file.name, contentType: type, content: file.content))
            } catch {
                fields.refuse(name, error)
            }
        }
        return chosen
    }
}
