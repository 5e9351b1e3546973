import COpenSSL
import Glibc
import Synchronization

/// The memory that scrypt works in, kept from one hash to the next.
///
/// libcrypto asks for 128 MiB anew for each hash. To give them back takes the lock of the whole address space, on a thread that
/// gives way to all others; whoever maps memory meanwhile waits. With two such threads on two busy cores, of a thousand
/// mappings the slowest took 23 to 25 ms, with kept memory 0.2 ms, and a quarter more was hashed.
public enum HashingMemory {
    private struct Block: Sendable {
        let address: UInt
        let size: Int
        var isTaken = true
        var wasTaken = true
    }

    /// What is smaller is malloc's.
    private static let least = 32 << 20
    private static let blocks = Mutex<[Block]>([])
    /// How many blocks there are, so that most memory is freed without a lock.
    private static let count = Atomic<Int>(0)

    /// Bytes that are kept now.
    public static var size: Int { blocks.withLock { $0.reduce(0) { $0 + $1.size } } }

    /// Makes libcrypto use it for all of the process, if nothing was asked of libcrypto before.
    /// - Returns: whether it does; else hashing works as ever.
    @discardableResult public static func install() -> Bool {
        CRYPTO_set_mem_functions(
            { size, _, _ in HashingMemory.take(size) },
            { old, size, _, _ in HashingMemory.resize(old, to: size) },
            { old, _, _ in HashingMemory.give(old) }) == 1
    }

    /// Gives back to the system what was not used since the last call.
    public static func giveBack() {
        let idle = blocks.withLock { blocks in
            let idle = blocks.filter { !$0.isTaken && !$0.wasTaken }
            blocks.removeAll { !$0.isTaken && !$0.wasTaken }
            for index in blocks.indices { blocks[index].wasTaken = blocks[index].isTaken }
            count.store(blocks.count, ordering: .relaxed)
            return idle
        }
        for block in idle { free(UnsafeMutableRawPointer(bitPattern: block.address)) }
    }

    // MARK: What libcrypto calls; as its own functions do, nothing is given where nothing is asked for.

    static func take(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size >= least else { return size > 0 ? malloc(size) : nil }
        let kept = blocks.withLock { blocks -> UInt? in
            guard let index = blocks.firstIndex(where: { !$0.isTaken && $0.size == size }) else { return nil }
            (blocks[index].isTaken, blocks[index].wasTaken) = (true, true)
            return blocks[index].address
        }
        if let kept { return UnsafeMutableRawPointer(bitPattern: kept) }
        guard let fresh = malloc(size) else { return nil }
        blocks.withLock { blocks in
            blocks.append(Block(address: UInt(bitPattern: fresh), size: size))
            count.store(blocks.count, ordering: .relaxed)
        }
        return fresh
    }

    static func give(_ old: UnsafeMutableRawPointer?) {
        // most of what libcrypto frees is small, and freed while there is no block at all
        let isKept =
            count.load(ordering: .relaxed) > 0
            && blocks.withLock { blocks in
                guard let index = blocks.firstIndex(where: { $0.address == UInt(bitPattern: old) }) else {
                    return false
                }
                blocks[index].isTaken = false
                return true
            }
        if !isKept { free(old) }
    }

    static func resize(_ old: UnsafeMutableRawPointer?, to size: Int) -> UnsafeMutableRawPointer? {
        guard let old else { return take(size) }
        guard size > 0 else {
            give(old)
            return nil
        }
        guard let block = blocks.withLock({ $0.first { $0.address == UInt(bitPattern: old) } }) else {
            return realloc(old, size)
        }
        guard let fresh = take(size) else { return nil }
        memcpy(fresh, old, min(block.size, size))
        give(old)
        return fresh
    }
}
