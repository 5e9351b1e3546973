import Casework
import Testing

@testable import Web

@Suite struct ContentDispositionTests {
    @Test(arguments: [
        ("attachment; filename=\"a b.pdf\"", "a b.pdf"), ("Attachment;filename=a.pdf", "a.pdf"),
        ("attachment ; filename = \"a;b.pdf\" ", "a;b.pdf"), ("attachment; filename=\"q\\\"q.pdf\"", "q\"q.pdf"),
        ("attachment; filename=\"C:\\dir\\a.pdf\"", "a.pdf"),
        ("attachment; filename=\"x\"; filename*=UTF-8'en'%e2%82%ac.txt", "€.txt"),
        ("attachment; FILENAME*=utf-8''a%2Fb.txt", "b.txt"), ("attachment; size=3; filename=a", "a"),
    ])
    func `a name is read`(_ header: String, _ name: String) throws {
        #expect(try ContentDisposition.fileName(of: header).text == name)
    }

    @Test(arguments: [
        nil, "", "attachment", "inline; filename=a", "attachment; filename", "attachment; filename=\"a",
        "attachment; filename=a b",
        "attachment; filename=a; filename=b", "attachment; filename*=ISO-8859-1''a", "attachment; filename*=UTF-8''%zz",
        "attachment; filename*=UTF-8''%c3", "attachment; filename*=a", "attachment, filename=a",
        "attachment; filename=ö",
    ])
    func `what RFC 6266 does not allow is refused`(_ header: String?) {
        #expect(throws: CaseworkError.self) { try ContentDisposition.fileName(of: header) }
    }

    @Test(arguments: ["a.pdf", "nötes \"1\".pdf", "100%.txt", "学.txt", "a'b(c).txt"])
    func `what is written is read again`(_ name: String) throws {
        #expect(try ContentDisposition.fileName(of: ContentDisposition.attachment(name)).text == name)
    }
}
