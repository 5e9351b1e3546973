import Foundation

/// Files that only their owner may read.
enum PrivateFile {
    /// Whether nobody but its owner may read or write the file.
    static func isPrivate(_ path: String) -> Bool {
        guard let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber else {
            return false
        }
        return mode.intValue & 0o077 == 0
    }

    /// Writes beside the file, with mode 0600 from the first byte, and then takes its place.
    /// - Throws: `Failure` where that does not work.
    static func write(_ data: Data, to path: String) throws {
        let draft = try PrivateFileDraft(for: path)
        try draft.write(data)
        try draft.finish()
    }
}

/// A private file that is being written, beside the one that it becomes; it goes with this where it is not finished.
final class PrivateFileDraft {
    private let path: String
    private let draft: String
    private let handle: FileHandle

    /// Makes its folder, and the draft with mode 0600 from the first byte.
    /// - Throws: `Failure` where that does not work.
    init(for path: String) throws {
        let parent = (path as NSString).deletingLastPathComponent
        let folder = parent.isEmpty ? "." : parent
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure("cannot make the folder \(folder): \(Failure.line(for: error))")
        }
        self.path = path
        draft = "\(path).\(getpid()).new"
        unlink(draft)
        Self.removeLeft(of: (path as NSString).lastPathComponent, in: folder)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw Failure("cannot write \(path): \(String(cString: strerror(errno)))") }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    deinit { unlink(draft) }

    /// Drafts of the same file whose writers were killed: nobody else would ever remove them.
    private static func removeLeft(of name: String, in folder: String) {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for other in all where other.hasPrefix(name + ".") && other.hasSuffix(".new") {
            guard let process = pid_t(other.dropFirst(name.count + 1).dropLast(".new".count)), process > 0,
                kill(process, 0) != 0, errno == ESRCH
            else { continue }
            unlink("\(folder)/\(other)")
        }
    }

    /// Appends.
    /// - Throws: `Failure`, for example where the disk is full.
    func write(_ data: some DataProtocol) throws {
        do {
            try handle.write(contentsOf: data)
        } catch {
            throw Failure("cannot write \(path): \(Failure.line(for: error))")
        }
    }

    /// Takes the file's place, all of it on the disk.
    /// - Throws: `Failure` where that does not work.
    func finish() throws {
        do {
            try handle.synchronize()
            try handle.close()
        } catch {
            throw Failure("cannot write \(path): \(Failure.line(for: error))")
        }
        guard rename(draft, path) == 0 else {
            throw Failure("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}
