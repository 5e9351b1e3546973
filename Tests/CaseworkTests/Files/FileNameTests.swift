import Casework
import Testing

@Suite struct FileNameTests {
    @Test(arguments: [
        ("notes.pdf", "notes.pdf"), ("C:\\Users\\ada\\notes.pdf", "notes.pdf"), ("../../etc/passwd", "passwd"),
        (" a\u{7}b.txt ", "ab.txt"), ("cod\u{202E}txt.exe", "codtxt.exe"), ("\u{2066}x\u{2069}.txt", "x.txt"),
        ("nötes 学.pdf", "nötes 学.pdf"), (".profile", ".profile"), ("a\r\nb.txt", "ab.txt"),
    ])
    func `a name loses its path and what does harm`(_ raw: String, _ name: String) throws {
        #expect(try FileName(raw).text == name)
    }

    @Test(arguments: ["", "  ", "..", "a/", "dir\\", "\u{202E}", "a\u{0}b", String(repeating: "x", count: 256)])
    func `what leaves no name, or too long a one, is refused`(_ raw: String) {
        #expect(throws: Refusal.self) { try FileName(raw) }
    }
}
