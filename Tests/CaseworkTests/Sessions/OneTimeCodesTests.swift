import FoundationEssentials
import TestSupport
import Testing

@testable import Casework

@Suite struct OneTimeCodesTests {
    private let codes = OneTimeCodes(seed: Array("12345678901234567890".utf8))

    /// RFC 6238, appendix B, the rows of SHA-1.
    @Test(arguments: [
        (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
    ])
    func `codes are those of the standard`(_ seconds: Int, _ code: String) {
        let step = OneTimeCodes.step(at: Date(timeIntervalSince1970: Double(seconds)))
        #expect(codes.code(at: step, digits: 8) == code)
        #expect(codes.code(at: step) == code.suffix(6))
    }

    /// RFC 4226, appendix D.
    @Test func `counters are those of the standard`() {
        let known = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
        ]
        #expect((0..<10).map { codes.code(at: $0) } == known)
    }

    @Test func `a code counts one step before and after its own, and no longer`() {
        let moment = Date(timeIntervalSince1970: 1_234_567_890)
        let step = OneTimeCodes.step(at: moment)
        let code = codes.code(at: step)
        let found = (-3...3).map { codes.step(of: code, at: moment.addingTimeInterval(Double($0) * 30)) }
        #expect(found == [nil, nil, step, step, step, nil, nil])
        #expect(OneTimeCodes.step(at: .distantPast) == 0 && OneTimeCodes.step(at: .distantFuture) > 0)
        #expect(codes.step(of: code, at: .distantPast) == nil)
    }

    /// RFC 4648, section 10, without padding.
    @Test func `Base32 is that of the standard`() {
        let known = ["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"]
        #expect(known.indices.map { Base32.encode(Array("foobar".utf8.prefix($0))) } == known)
        #expect(Base32.grouped("MZXW6YTBOI", by: " ") == "MZXW 6YTB OI" && Base32.grouped("", by: " ").isEmpty)
    }

    @Test func `an app is told whose account it is, whatever the names hold`() {
        #expect(codes.text == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
        #expect(
            codes.uri(account: "ada+1@x.edu", issuer: "A: B & Ç")
                == "otpauth://totp/A%20%20B%20%26%20%C3%87:ada%2B1%40x.edu?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                + "&issuer=A%20%20B%20%26%20%C3%87")
    }

    @Test func `a code is read however it is typed`() throws {
        let recovery = try RecoveryCode.random()
        for text in [recovery.text, recovery.text.uppercased(), recovery.text.replacing("-", with: "  ")] {
            #expect(CodeAnswer(text) == .recovery(recovery.hash))
        }
        #expect(CodeAnswer("oooo-llll-2222-7777") == CodeAnswer("0000-1111-2222-7777"))
        #expect(CodeAnswer(" 012 345 ") == .code("012345"))
        #expect(CodeAnswer("٠١٢٣٤٥") == nil && CodeAnswer("12345") == nil && CodeAnswer("8888-9999-8888-9999") == nil)
        #expect(try Set((0..<200).map { _ in try RecoveryCode.random().text }).count == 200)
    }
}

@Suite struct OneTimeCodesFuzzTests {
    @Test func `whatever is typed is a code, a recovery code or nothing`() {
        let samples = ["123456", "abcd-efgh-ijkl-mnop", "ABCD EFGH IJKL 2345"]
        #expect(
            Fuzz.faultInText(samples: samples, pieces: ["1", "0", "9", "a", "L", "O", "-", " ", "abcd", "123"]) {
                text in
                switch CodeAnswer(text) {
                case .code(let digits): digits.count == 6 && Int(digits) != nil
                case .recovery(let hash): hash.count == 32
                case nil: true
                }
            } == nil)
    }
}
