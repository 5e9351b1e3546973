import Casework
import Dispatch
import Glibc
import Tenancy

/// The folder of the operator's configuration, with a folder in it for each institution, named by its slug.
///
/// Everything goes by descriptors and follows no link, so that nobody who may write there leads a server elsewhere. The disk is waited
/// for on threads of Dispatch's, never on those that all tasks share.
struct WatchedFolder: Sendable {
    /// Of the operator's folder.
    let path: String

    /// The folders that may be an institution's, by name.
    /// - Throws: `FolderFailure` where it cannot be read.
    func slugs() async throws -> [String] {
        try await onDisk { [path] () throws(FolderFailure) in
            let folder = try Descriptor(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open")
            return try folder.names().map {
                String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
            .filter { (try? Slug($0)) != nil }
        }
    }

    /// An institution's folder; nil where there is none, or no real folder.
    /// - Throws: `FolderFailure` where it cannot be opened.
    func folder(of slug: String) async throws -> InstitutionFolder? {
        try await onDisk { [path] () throws(FolderFailure) in
            let top = try Descriptor(Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open")
            let number = openat(top.number, slug, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if number < 0, [ENOENT, ENOTDIR, ELOOP].contains(errno) { return nil }
            return InstitutionFolder(try Descriptor(number, "open"))
        }
    }
}

/// What lies in an institution's folder.
struct FolderEntry: Sendable, Hashable {
    /// As the file system has it, with the zero at its end.
    let path: [CChar]
    /// Which file that is, and since when it is as it is.
    let state: FileState

    /// As people read it: what is no character stands as a question mark.
    var name: String {
        let text = String(decoding: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let shown = text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
        return String(String.UnicodeScalarView(shown.prefix(255)))
    }

    /// Whether its writer says by the name that it is not whole yet.
    var isPartial: Bool {
        let name = name.lowercased()
        return name.hasPrefix(".") || name.hasSuffix(".part") || name.hasSuffix(".tmp")
    }
}

/// A file as the file system has it: another one of the same name has another state, and one that is written to too.
struct FileState: Sendable, Hashable {
    let isFile: Bool
    let isFolder: Bool
    let size: Int
    private let device: dev_t
    private let number: ino_t
    private let changed: [Int]

    fileprivate init(_ found: stat) {
        isFile = found.st_mode & S_IFMT == S_IFREG
        isFolder = found.st_mode & S_IFMT == S_IFDIR
        size = Int(found.st_size)
        (device, number) = (found.st_dev, found.st_ino)
        changed = [found.st_mtim.tv_sec, found.st_mtim.tv_nsec]
    }
}

/// An institution's folder, opened.
struct InstitutionFolder: Sendable {
    private let folder: Descriptor
    /// More than that at once have to wait for the next look.
    private static let most = 1_000

    fileprivate init(_ folder: Descriptor) { self.folder = folder }

    /// What lies there, but for folders and what its writer calls unfinished.
    func entries() async throws -> [FolderEntry] {
        try await onDisk { [folder] () throws(FolderFailure) in
            try folder.names().prefix(Self.most).compactMap { path in
                guard let state = folder.state(of: path), !state.isFolder else { return nil }
                let entry = FolderEntry(path: path, state: state)
                return entry.isPartial ? nil : entry
            }
        }
    }

    /// The content of a file, with its SHA-256; nil where it is another by now, or not there.
    /// - Throws: `FolderFailure`; `CaseworkError.lacking` where it cannot be kept.
    func read(_ entry: FolderEntry) async throws -> (bytes: Spool, digest: [UInt8])? {
        let file = try await onDisk { [folder] () throws(FolderFailure) -> Descriptor? in
            let number = openat(folder.number, entry.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            if number < 0, errno == ENOENT || errno == ELOOP { return nil }
            return try Descriptor(number, "open \(entry.name)")
        }
        guard let file, file.state == entry.state else { return nil }
        var content = SpoolWriter()
        while content.size < entry.state.size {
            let start = content.size
            let piece = try await onDisk { () throws(FolderFailure) in try file.read(at: start, entry.name) }
            if piece.isEmpty { return nil }
            try await content.append(piece)
        }
        guard file.state == entry.state else { return nil }
        let bytes = content.finish()
        return (bytes, try await Digest.sha256([], bytes))
    }

    /// Where what was taken goes.
    enum Place: String, Sendable {
        case done, refused
    }

    /// Moves a file that still is as it was to one of the folders beside it.
    /// - Returns: false where it is another by now, or not there.
    func move(_ entry: FolderEntry, to place: Place, as name: String) async throws -> Bool {
        try await onDisk { [folder] () throws(FolderFailure) in
            guard folder.state(of: entry.path) == entry.state else { return false }
            let target = try folder.subfolder(place.rawValue)
            guard renameat(folder.number, entry.path, target.number, name) == 0 else {
                if errno == ENOENT { return false }
                throw FolderFailure("move to \(place.rawValue)/\(name)")
            }
            return true
        }
    }

    /// Whether a file of that name lies there.
    func has(_ name: String, in place: Place) async throws -> Bool {
        try await onDisk { [folder] () throws(FolderFailure) in
            try folder.subfolder(place.rawValue).state(of: Array(name.utf8CString)) != nil
        }
    }

    /// Writes a file beside those that were moved, anew where there is one. It has its name once it is whole, so that nobody mends half of
    /// it where a server dies.
    func write(_ content: Spool, to place: Place, as name: String) async throws {
        let partial = "\(name).part"
        let (target, file) = try await onDisk { [folder] () throws(FolderFailure) in
            let target = try folder.subfolder(place.rawValue)
            unlinkat(target.number, partial, 0)
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
            let number = openat(target.number, partial, flags, 0o660)
            return (target, try Descriptor(number, "write \(place.rawValue)/\(name)"))
        }
        for try await piece in content {
            try await onDisk { () throws(FolderFailure) in try file.write(piece, name) }
        }
        try await onDisk { () throws(FolderFailure) in
            guard renameat(target.number, partial, target.number, name) == 0 else {
                throw FolderFailure("write \(place.rawValue)/\(name)")
            }
        }
    }
}

/// What the file system refused.
struct FolderFailure: Error, CustomStringConvertible {
    /// What was tried, and why it failed; names files, and nothing in them.
    let description: String

    /// - Parameter what: was tried just now, so that `errno` says why it failed.
    init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
}

/// An open file or folder.
private final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32, _ what: String) throws(FolderFailure) {
        guard number >= 0 else { throw FolderFailure(what) }
        self.number = number
    }

    deinit { close(number) }

    /// What lies in the folder, but for itself and the one above.
    func names() throws(FolderFailure) -> [[CChar]] {
        // of its own, because a listing goes on where the last one ended
        let own = openat(number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { throw FolderFailure("list") }
        guard let listing = fdopendir(own) else {
            let failure = FolderFailure("list")
            close(own)
            throw failure
        }
        defer { closedir(listing) }
        var names: [[CChar]] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
            }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(name + [0]) }
        }
        return names
    }

    /// What stands under that name; nil where nothing does.
    func state(of path: [CChar]) -> FileState? {
        var found = stat()
        return fstatat(number, path, &found, AT_SYMLINK_NOFOLLOW) == 0 ? FileState(found) : nil
    }

    /// The open file's.
    var state: FileState? {
        var found = stat()
        return fstat(number, &found) == 0 ? FileState(found) : nil
    }

    /// A folder in this one, made where there is none.
    func subfolder(_ name: String) throws(FolderFailure) -> Descriptor {
        guard mkdirat(number, name, 0o770) == 0 || errno == EEXIST else { throw FolderFailure("make \(name)") }
        return try Descriptor(openat(number, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open \(name)")
    }

    func read(at position: Int, _ name: String) throws(FolderFailure) -> [UInt8] {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, initialized in
            count = pread(number, buffer.baseAddress, buffer.count, position)
            initialized = max(0, count)
        }
        guard count >= 0 else { throw FolderFailure("read \(name)") }
        return bytes
    }

    func write(_ bytes: [UInt8], _ name: String) throws(FolderFailure) {
        var start = 0
        while start < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                Glibc.write(number, buffer.baseAddress.map { $0 + start }, buffer.count - start)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw FolderFailure("write \(name)") }
            start += written
        }
    }
}

private let disk = DispatchQueue(label: "waymark.folder", attributes: .concurrent)

/// Runs what may wait for the disk.
private func onDisk<Value: Sendable>(
    _ work: @escaping @Sendable () throws(FolderFailure) -> Value
) async throws(FolderFailure) -> Value {
    let result = await withCheckedContinuation { continuation in
        disk.async {
            continuation.resume(returning: Result { () throws(FolderFailure) in try work() })
        }
    }
    return try result.get()
}
