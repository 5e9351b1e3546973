import Casework
import Hummingbird

/// How a file is read, and what each of its columns holds, with the first rows beside it: as it seems, to be put right.
struct ImportColumns {
    let visit: Visit
    let form: ImportForm
    let upload: Int
    let format: FileFormat
    let sample: FileSample?

    private var words: Catalogue { visit.words }

    var html: HTML {
        card("header", words[ImportText.format]) {
            visit.postForm(.class("form"), .multipart, to: visit.call.request.uri.path) {
                hiddenField("upload", String(upload))
                choice("encoding", words[ImportText.encoding], format.encoding.rawValue, encodings)
                choice("delimiter", words[ImportText.delimiter], format.delimiter.rawValue, delimiters)
                if let sample { columns(of: sample) }
                actions { submitButton(words[ImportText.checkAgain]) }
                uploadProgress(words)
            }
        }
    }

    private func choice(
        _ name: String, _ label: String, _ value: String, _ options: [(value: String, label: String)]
    ) -> HTML {
        field(
            Input(name: name, label: label, kind: .choice(options), value: value, isRequired: true), Typed(), words)
    }

    private var encodings: [(value: String, label: String)] {
        TextEncoding.allCases.map { encoding in
            let key: ImportText =
                switch encoding {
                case .utf8: .utf8
                case .utf16LittleEndian: .utf16le
                case .utf16BigEndian: .utf16be
                case .windows1252: .windows1252
                }
            return (encoding.rawValue, words[key])
        }
    }

    private var delimiters: [(value: String, label: String)] {
        FileFormat.Delimiter.allCases.map { delimiter in
            let key: ImportText =
                switch delimiter {
                case .comma: .comma
                case .semicolon: .semicolon
                case .tab: .tab
                }
            return (delimiter.rawValue, words[key])
        }
    }

    @HTMLBuilder private func columns(of sample: FileSample) -> HTML {
        let unused = sample.headings.indices.filter { sample.columns[$0] == nil && !sample.headings[$0].isEmpty }
        if !unused.isEmpty {
            p {
                words[ImportText.unmatched]
                " "
                bdi { unused.map { short(sample.headings[$0]) }.joined(separator: ", ") }
            }
        }
        let heads: [Column] = [
            .name(words[ImportText.column]), .text(words[ImportText.firstRows]), .text(words[ImportText.holds]),
        ]
        dataTable(.ariaLabel(words[ImportText.columns]), heads, of: Array(sample.headings.enumerated())) {
            index, heading in
            bdi { name(index, heading) }
            bdi { sample.rows.map { short($0[index]) }.filter { !$0.isEmpty }.joined(separator: " · ") }
            holds(index, heading, sample.columns[index])
        }
    }

    /// What a column is called: its number where nothing stands above it.
    private func name(_ index: Int, _ heading: String) -> String {
        heading.isEmpty ? words.number(index + 1) : short(heading)
    }

    /// Enough of a cell to know it by.
    private func short(_ text: String) -> String {
        text.unicodeScalars.count > 80 ? String(text.unicodeScalars.prefix(80)) + "…" : text
    }

    private func holds(_ index: Int, _ heading: String, _ chosen: ImportField?) -> HTML {
        select(
            .id("column-\(index)"), .name("column"),
            .ariaLabel("\(words[ImportText.holds]): \(name(index, heading))")
        ) {
            option(.value(""), .if(chosen == nil, .selected)) { words[ImportText.nothing] }
            for field in form.fields {
                option(.value(field.rawValue), .if(chosen == field, .selected)) { words[field.text] }
            }
        }
    }
}

extension ImportField {
    /// What people call it.
    fileprivate var text: FieldText {
        switch self {
        case .email: .email
        case .givenName: .givenName
        case .familyName: .familyName
        case .preferredName: .preferredName
        case .studentNumber: .studentNumber
        case .role: .role
        case .groups: .groups
        }
    }
}
