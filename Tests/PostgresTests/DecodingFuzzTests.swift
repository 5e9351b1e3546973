import Dates
import FoundationEssentials
import TestSupport
import Testing

@testable import Postgres

/// What a server may answer, and what goes to it, spoilt.
@Suite struct DecodingFuzzTests {
    /// A big-endian integer, as it travels.
    private static func four(_ number: Int32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian, Array.init)
    }

    private static let types: [UInt32] = [
        TypeID.bool, TypeID.bytea, TypeID.int8, TypeID.int2, TypeID.int4, TypeID.text, TypeID.oid, TypeID.json,
        TypeID.float4, TypeID.float8, TypeID.date, TypeID.timestamptz, TypeID.jsonb, 16_385, 0,
    ]

    private static func decode<Value: PostgresDecodable>(_: Value.Type, _ bytes: [UInt8], _ type: UInt32) throws {
        do {
            try bytes.withUnsafeBytes { _ = try Value.decode(Cell(bytes: $0, type: type)) }
        } catch let error as PostgresError where error.kind == .decoding {}
    }

    @Test func `no bytes of an answer trap, whatever is asked for`() {
        // two texts: dimensions, flags, element type, count, lower bound, then a length before each
        let array = Array([1, 0, 25, 2, 1, 1].map(Self.four).joined()) + [0x61] + Self.four(-1)
        let pieces = [-1, 0, 1, 2, 25, 23, .max, .min].map(Self.four) + [[0x61], [1], [0x7B, 0x7D]]
        #expect(
            Fuzz.fault(samples: [array, [1, 0x7B, 0x7D]], pieces: pieces) { bytes, fuzz in
                let type = Self.types.randomElement(using: &fuzz) ?? 0
                try Self.decode(Int.self, bytes, type)
                try Self.decode(Int32.self, bytes, type)
                try Self.decode(Bool?.self, bytes, type)
                try Self.decode(Double.self, bytes, type)
                try Self.decode(String.self, bytes, type)
                try Self.decode(JSONText.self, bytes, type)
                try Self.decode(CalendarDate.self, bytes, type)
                try Self.decode(Date.self, bytes, type)
                try Self.decode([UInt8].self, bytes, type)
                try Self.decode([Int].self, bytes, type)
                try Self.decode([String?].self, bytes, type)
                try Self.decode([CalendarDate].self, bytes, type)
                return true
            } == nil)
    }

    @Test func `an array of any texts comes back as it went`() async throws {
        var fuzz = Fuzz(
            seed: Fuzz.seed(of: #function), samples: ["NULL", "{1,\"2\"}"],
            pieces: ["{", "}", ",", "\"", "\\", "null", " ", "a", "\n"])
        var texts: [String?] = []
        for _ in 0..<2_000 {
            let text = String(decoding: fuzz.bytes(), as: UTF8.self)
            texts.append(text.utf8.contains(0) ? nil : text)
        }
        let sent = texts
        let back = try await withPool({ _ in }) { pool in
            try await pool.read(("select \(sent)::text[]" as SQL).value([String?].self))
        }
        #expect(back == sent)
    }

    private static func faultInInstants(
        _ name: String = #function, _ parameter: (Date) throws -> Parameter
    ) -> String? {
        Fuzz.fault(name, pieces: ["a"]) { _, fuzz in
            let date = Date(timeIntervalSince1970: Double.random(in: -1e13...1e13, using: &fuzz))
            guard case .text(let text) = try parameter(date) else { return false }
            return text == "infinity" || text == "-infinity" || text.utf8.count >= 29
        }
    }

    @Test func `an instant comes back to the microsecond`() {
        #expect(Self.faultInInstants { $0.postgresParameter } == nil)
    }

    @Test func `microseconds that no whole number holds are found out`() {
        let fault = Self.faultInInstants { date in
            let micros = (date.timeIntervalSince1970 * 1e6).rounded()
            guard Int(exactly: micros) != nil else { throw Fuzz.Trap() }  // Int(micros)
            return date.postgresParameter
        }
        #expect(fault?.contains("Trap") == true, "\(fault ?? "none")")
    }

    @Test func `an error shows no value and a constraint no shard`() {
        #expect(
            Fuzz.faultInText(
                samples: ["invalid input syntax for type integer: \"x\"", "a_102008"],
                pieces: ["\"", "a", "_", "1", " "]
            ) { text in
                let message = PostgresError.withoutValues(text, "22P02")
                guard message.split(separator: "\"", omittingEmptySubsequences: false).count <= 3 else { return false }
                return text.hasPrefix(PostgresError.withoutShard(text))
            } == nil)
    }
}
