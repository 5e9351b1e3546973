import Casework
import Configuration
import Foundation
import Logging
import Networks
import Outgoing
import Web

/// The configuration as it stands: options over environment over file. Collects every problem before it complains.
struct Settings {
    private struct Layer {
        let reader: ConfigReader
        let name: (Setting) -> String
    }

    private let layers: [Layer]
    private var problems: [String] = []

    /// Reads the three sources.
    /// - Parameters:
    ///   - options: what the command line said, by key.
    ///   - environment: the process's variables.
    ///   - file: the YAML file; nil for the one of `WAYMARK_CONFIG`, if any.
    /// - Throws: `Failure` where the file is missing or is no YAML mapping.
    init(
        options: [String: String], environment: [String: String] = ProcessInfo.processInfo.environment, file: String?
    ) async throws {
        let given = options.map { (AbsoluteConfigKey([$0.key]), ConfigValue(.string($0.value), isSecret: true)) }
        let ours = environment.filter { $0.key.hasPrefix("WAYMARK_") && !$0.value.isEmpty }
            .map { (String($0.key.dropFirst("WAYMARK_".count)), $0.value) }
        var layers = [
            Layer(
                reader: ConfigReader(provider: InMemoryProvider(values: Dictionary(given) { $1 })),
                name: \.option),
            Layer(
                reader: ConfigReader(
                    provider: EnvironmentVariablesProvider(
                        environmentVariables: Dictionary(ours) { $1 }, secretsSpecifier: .all)),
                name: \.environment),
        ]
        if let path = file ?? environment["WAYMARK_CONFIG"], !path.isEmpty {
            layers.append(Layer(reader: try await Self.reader(file: path), name: { "\($0.key) in \(path)" }))
            problems += Self.unknownKeys(in: path)
        }
        self.layers = layers
    }

    private static func reader(file path: String) async throws -> ConfigReader {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw Failure("cannot read the configuration file \(path)")
        }
        do {
            let location = ConfigReader(
                provider: InMemoryProvider(values: ["filePath": .init(.string(path), isSecret: false)]))
            return ConfigReader(provider: try await FileProvider<YAMLSnapshot>(config: location))
        } catch {
            throw Failure("the configuration file \(path) is not a YAML mapping of keys to values: \(error)")
        }
    }

    /// A misspelt key would otherwise be silence. Our files are flat: a key starts its line.
    private static func unknownKeys(in path: String) -> [String] {
        let known = Set(Setting.all.flatMap { $0.secret ? [$0.key, $0.file.key] : [$0.key] })
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            guard let first = line.first, first.isLetter, let colon = line.firstIndex(of: ":") else { return nil }
            let key = line[..<colon].trimmingCharacters(in: .whitespaces)
            return known.contains(key) ? nil : "unknown key \(key) in \(path)"
        }
    }

    /// The value, from the first source that has it; nil where none has and there is no fallback.
    mutating func text(_ setting: Setting) -> String? {
        found(setting)?.value ?? setting.fallback
    }

    /// The value, which must be there.
    mutating func required(_ setting: Setting) -> String {
        if let value = text(setting) { return value }
        problems.append("\(setting.key) is missing: give \(setting.option) or \(setting.environment)")
        return ""
    }

    /// A whole number within a range.
    mutating func number(_ setting: Setting, in range: ClosedRange<Int>) -> Int {
        convert(setting, "must be a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? range.lowerBound
    }

    /// `true` or `false`.
    mutating func flag(_ setting: Setting) -> Bool {
        convert(setting, "must be true or false") { text in
            switch text.lowercased() {
            case "true", "yes", "1": true
            case "false", "no", "0": false
            default: nil
            }
        } ?? false
    }

    /// Whole numbers from 1, separated by commas.
    mutating func numbers(_ setting: Setting) -> [Int] {
        convert(setting, "must be numbers from 1, separated by commas") { text in
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            let numbers = parts.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }.filter { $0 > 0 }
            return numbers.count == parts.count && Set(numbers).count == parts.count ? numbers : nil
        } ?? []
    }

    /// Addresses and CIDR blocks, separated by commas; none where nothing is said.
    mutating func blocks(_ setting: Setting) -> [AddressBlock] {
        convert(setting, "must be addresses or CIDR blocks, separated by commas") { text in
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            let blocks = parts.compactMap { AddressBlock($0.trimmingCharacters(in: .whitespaces)) }
            return blocks.count == parts.count ? blocks : nil
        } ?? []
    }

    /// Where a virus scanner listens; nil where nothing is said.
    mutating func scanner(_ setting: Setting) -> ClamdScanner.Address? {
        convert(setting, "must be tcp://host:port or unix:///path") { ClamdScanner.Address($0) }
    }

    /// How requests to other servers leave.
    mutating func outgoing() -> HTTPSClient.Configuration {
        let destinations = convert(.allowedDestinations, "must be hosts, addresses or CIDR blocks, separated by commas")
        {
            Destinations(allowing: $0.split(separator: ",", omittingEmptySubsequences: false))
        }
        let authority = text(.outgoingAuthority)
        if let authority, !FileManager.default.isReadableFile(atPath: authority) {
            refuse("\(Setting.outgoingAuthority.key): cannot read \(authority)")
        }
        return HTTPSClient.Configuration(
            destinations: destinations ?? .publicNetwork, certificateAuthority: authority)
    }

    /// Keys that seal secrets; nil where nothing is said.
    mutating func keys(_ setting: Setting) -> SecretKeys? {
        guard let (value, name) = found(setting) else { return nil }
        do {
            return try SecretKeys(value)
        } catch {
            problems.append("\(name) \(error)")
            return nil
        }
    }

    /// A log level.
    mutating func level(_ setting: Setting) -> Logger.Level {
        convert(setting, "must be one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))") {
            Logger.Level(rawValue: $0.lowercased())
        } ?? .info
    }

    /// Adds a problem found by comparing several values.
    mutating func refuse(_ problem: String) {
        problems.append(problem)
    }

    /// Says all that is wrong, in one line.
    /// - Throws: `Failure`.
    func check() throws {
        guard !problems.isEmpty else { return }
        throw Failure("configuration: " + problems.joined(separator: "; "))
    }

    private mutating func convert<Value>(_ setting: Setting, _ rule: String, _ read: (String) -> Value?) -> Value? {
        guard let (value, name) = found(setting) ?? setting.fallback.map({ ($0, setting.key) }) else { return nil }
        if let converted = read(value) { return converted }
        problems.append("\(name) \(rule), not '\(value)'")
        return nil
    }

    private mutating func found(_ setting: Setting) -> (value: String, name: String)? {
        for layer in layers {
            let value = layer.reader.string(forKey: ConfigKey([setting.key]))
            let path = setting.secret ? layer.reader.string(forKey: ConfigKey([setting.file.key])) : nil
            switch (value, path) {
            case (nil, nil): continue
            case (let value?, nil): return (value, layer.name(setting))
            case (nil, let path?):
                guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                    problems.append("\(layer.name(setting.file)): cannot read \(path)")
                    return nil
                }
                return (text.trimmingCharacters(in: .whitespacesAndNewlines), layer.name(setting.file))
            case (.some, .some):
                problems.append("\(layer.name(setting)) and \(layer.name(setting.file)) are both given")
                return nil
            }
        }
        return nil
    }
}
