extension PrometheusRegistry {
    /// Everything in the Prometheus text format 0.0.4, sorted by name.
    public func text() -> String {
        let now = snapshot
        var blocks = now.families.map { name, family in
            (name, block(name, family.kind, help: descriptions[name]?.help, lines(name, family)))
        }
        for (name, source) in now.sources where now.families[name] == nil {
            let lines = source.read().map { sample in Self.line(name, sample.labels, sample.value) }
            blocks.append((name, block(name, source.kind, help: source.help, lines.sorted())))
        }
        return blocks.sorted { $0.0 < $1.0 }.map(\.1).joined()
    }

    private func block(_ name: String, _ kind: Kind, help: String?, _ lines: [String]) -> String {
        var text = ""
        if let help { text += "# HELP \(name) \(help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n"))\n" }
        text += "# TYPE \(name) \(kind.rawValue)\n"
        for line in lines { text += line + "\n" }
        return text
    }

    private func lines(_ name: String, _ family: Family) -> [String] {
        let sorted = family.series.map { (Self.text(of: $0), $0, $1.reading) }.sorted { $0.0 < $1.0 }
        return sorted.flatMap { _, labels, reading in
            switch reading {
            case .value(let value): return [Self.line(name, labels, value)]
            case .buckets(let bounds, let counts, let sum, let count):
                let buckets = zip(bounds + [.infinity], counts + [count]).map { bound, count in
                    let limit = Label(name: "le", value: Self.number(bound))
                    return Self.line(name + "_bucket", labels + [limit], Double(count))
                }
                return buckets + [
                    Self.line(name + "_sum", labels, sum), Self.line(name + "_count", labels, Double(count)),
                ]
            }
        }
    }

    private static func line(_ name: String, _ labels: [Label], _ value: Double) -> String {
        "\(name)\(text(of: labels)) \(number(value))"
    }

    private static func text(of labels: [Label]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { "\($0.name.asMetricName)=\"\($0.value.escapedAsLabel)\"" }
        return "{\(pairs.joined(separator: ","))}"
    }

    private static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        if value == -.infinity { return "-Inf" }
        if value.isNaN { return "NaN" }
        // every whole number below is one of Int's too
        return value.rounded() == value && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}

extension String {
    /// As the name of a metric or a label: letters, digits and underscores, no digit first.
    var asMetricName: String {
        func fits(_ byte: UInt8) -> Bool {
            (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5f
        }
        guard let first = utf8.first, !(0x30...0x39).contains(first) else { return "_" + mapped(fits) }
        return utf8.allSatisfy(fits) ? self : mapped(fits)
    }

    private func mapped(_ fits: (UInt8) -> Bool) -> String {
        String(decoding: utf8.map { fits($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    fileprivate var escapedAsLabel: String {
        guard utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == 0x0a }) else {
            return self
        }
        return replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
