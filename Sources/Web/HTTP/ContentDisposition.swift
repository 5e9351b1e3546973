import Casework

/// The name of a file in the header `Content-Disposition` (RFC 6266, RFC 8187), read strictly and written for every client.
enum ContentDisposition {
    /// Reads `attachment; filename="notes.pdf"; filename*=UTF-8''n%C3%B6tes.pdf`; the latter wins.
    /// - Throws: `CaseworkError.invalid`.
    static func fileName(of header: String?) throws(CaseworkError) -> FileName {
        do throws(Refusal) {
            guard let header else { throw Refusal(.dispositionMissing) }
            let parameters = try parameters(of: header, kind: "attachment")
            if let extended = parameters["filename*"] { return try FileName(try decoded(extended)) }
            guard let plain = parameters["filename"] else {
                throw Refusal(.dispositionWithoutName)
            }
            return try FileName(plain)
        } catch {
            throw .invalid("Content-Disposition", error)
        }
    }

    /// `attachment` with the name, also for clients that only know ASCII.
    static func attachment(_ name: String) -> String {
        var plain = ""
        var encoded = ""
        for scalar in name.unicodeScalars {
            let isSafe =
                scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7F
                && !"\"\\%".unicodeScalars.contains(scalar)
            plain.unicodeScalars.append(isSafe ? scalar : "_")
        }
        for byte in name.utf8 {
            if isAttributeCharacter(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += byte < 16 ? "%0" : "%"
                encoded += String(byte, radix: 16, uppercase: true)
            }
        }
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(encoded)"
    }

    /// Reads the header of a form's part, `form-data; name="file"; filename="notes.pdf"`. In names browsers write `%22` for a
    /// quote (WHATWG HTML, multipart/form-data), other programs `\"`.
    /// - Returns: nil where there is no name.
    static func formData(_ header: String) -> (name: String, fileName: String?)? {
        do throws(Refusal) {
            let parameters = try parameters(of: header, kind: "form-data")
            guard let name = parameters["name"] else { return nil }
            let extended = try parameters["filename*"].map { (value) throws(Refusal) in try decoded(value) }
            return (unescaped(name), extended ?? parameters["filename"].map(unescaped))
        } catch {
            return nil
        }
    }

    private static func unescaped(_ name: String) -> String {
        guard name.utf8.contains(UInt8(ascii: "%")) else { return name }
        return name.replacing("%22", with: "\"").replacing("%0D", with: "").replacing("%0A", with: "")
    }

    // MARK: Grammar

    private static func parameters(of header: String, kind: String) throws(Refusal) -> [String: String] {
        do throws(ParameterizedField.Problem) {
            let field = try ParameterizedField(parsing: header)
            if field.value == kind { return field.parameters }
        } catch .repeated(let name) {
            throw Refusal(.dispositionRepeats, ["name": .text(name)])
        } catch {}
        throw Refusal(.dispositionMalformed)
    }

    /// `UTF-8'en'n%C3%B6tes.pdf`.
    private static func decoded(_ value: String) throws(Refusal) -> String {
        let parts = value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else {
            throw Refusal(.fileNameCharset)
        }
        var bytes: [UInt8] = []
        var rest = parts[2].utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                guard isAttributeCharacter(byte) else {
                    throw Refusal(.fileNameEncoding)
                }
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexadecimal, let low = rest.popFirst()?.hexadecimal else {
                throw Refusal(.fileNameEncoding)
            }
            bytes.append(high << 4 | low)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Refusal(.fileNameNotUTF8) }
        return text
    }

    private static func isAttributeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$&+-.^_`|~".utf8.contains(byte)
        }
    }
}
