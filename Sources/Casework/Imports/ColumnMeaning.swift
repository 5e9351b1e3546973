/// What the columns below a heading hold.
public struct ColumnMeaning: Sendable, Equatable {
    /// As it stands in files, or as `Heading.key` writes it.
    public let heading: String
    /// Nil: nothing that is of use here.
    public let field: ImportField?

    /// What columns with that heading hold.
    public init(_ heading: String, _ field: ImportField?) { (self.heading, self.field) = (heading, field) }

    /// The same, with the heading in the form in which headings are compared.
    /// - Throws: what is wrong with the heading.
    fileprivate func keyed() throws(Refusal) -> ColumnMeaning {
        let key = Heading.key(heading)
        if key.isEmpty { throw Refusal(.headingBare) }
        let length = key.unicodeScalars.count
        if length > Self.longest { throw .tooLong(length, most: Self.longest) }
        return ColumnMeaning(key, field)
    }

    /// How long a heading may be that is kept, in code points.
    static let longest = 200
}

extension ColumnMeaning: JSONEncodable {
    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("heading", heading)
            $0.field("field", field?.rawValue)
        }
    }
}

/// What all headings of an institution's files mean, as far as its admins have said.
public struct ColumnMeanings: Sendable {
    /// By heading, each once.
    public let columns: [ColumnMeaning]

    init(_ columns: [ColumnMeaning]) { self.columns = columns }

    /// How many there may be.
    public static let most = 1_000

    /// Reads `columns`, a list of objects with `heading` and `field`.
    public init(_ fields: inout Fields) throws {
        var keys: Set<String> = []
        columns = try fields.objects("columns", atMost: Self.most) { column in
            let heading = column.required("heading", .text(1...ColumnMeaning.longest))
            let field = column.patchOptional("field", .choice(ImportField.self))
            if !column.has("field") { column.refuse("field", .required) }
            guard column.problems.isEmpty else { return ColumnMeaning("", nil) }
            do throws(Refusal) {
                let meaning = try ColumnMeaning(heading, field.value).keyed()
                if !keys.insert(meaning.heading).inserted {
                    throw Refusal(.columnTwice, ["column": .text(heading)])
                }
                return meaning
            } catch {
                column.refuse("heading", error)
                return ColumnMeaning("", nil)
            }
        }
    }
}

extension ColumnMeanings: JSONEncodable {
    /// Writes the resource of the API.
    public func write(to json: inout JSONWriter) { json.object { $0.field("columns", columns) } }
}

extension CSVHeader {
    /// What each column of a file holds: as it seems, but for the headings of which it was said.
    /// - Throws: `invalid` with the field `header` where the file does not have such a heading, or has it twice; with the field
    ///   `column` for what files of this kind do not have.
    static func columns(
        _ headings: [String], for fields: [ImportField], kept: KeptColumns, said: [ColumnMeaning]
    ) throws(CaseworkError) -> [ImportField?] {
        var columns = guessed(headings, for: fields, kept: kept)
        let keys = headings.map(Heading.key)
        var taken: Set<Int> = []
        for meaning in said {
            let name = Refusal.Argument.text(String(meaning.heading.prefix(100)))
            let places = keys.indices.filter { keys[$0] == Heading.key(meaning.heading) }
            guard let place = places.first else { throw .invalid("header", Refusal(.noSuchColumn, ["column": name])) }
            guard places.count == 1, taken.insert(place).inserted else {
                throw .invalid("header", Refusal(.columnTwice, ["column": name]))
            }
            if let field = meaning.field, !fields.contains(field) {
                throw .invalid("column", Refusal(.notAChoice, ["choices": .list(fields.map(\.rawValue))]))
            }
        }
        // what was said goes before what only seems so
        for meaning in said {
            for index in columns.indices where meaning.field != nil && columns[index] == meaning.field {
                columns[index] = nil
            }
        }
        for meaning in said {
            for index in columns.indices where keys[index] == Heading.key(meaning.heading) {
                columns[index] = meaning.field
            }
        }
        return columns
    }
}
