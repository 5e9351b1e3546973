import CLibPQ

/// Lays the values of one statement out as libpq's C arrays. One buffer serves the loop's thread; libpq copies the
/// values before a call returns.
struct ParameterBuffer: ~Copyable {
    private var bytes: UnsafeMutableRawBufferPointer = .allocate(byteCount: 16_384, alignment: 1)
    private var offsets: [Int] = []
    private(set) var values: [UnsafePointer<CChar>?] = []
    private(set) var lengths: [Int32] = []
    private(set) var formats: [Int32] = []
    private(set) var types: [UInt32] = []
    private static let keep = 1 << 20

    deinit { bytes.deallocate() }

    var count: Int32 { Int32(truncatingIfNeeded: values.count) }

    mutating func fill(_ bindings: [SQL.Binding]) {
        offsets.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
        var size = 0
        for binding in bindings {
            switch binding.value {
            case .null: offsets.append(-1)
            case .text(let text):
                offsets.append(size)
                size += text.utf8.count + 1
            case .binary(let data, _):
                offsets.append(size)
                size += data.count + 1
            }
        }
        resize(to: size)
        for (index, binding) in bindings.enumerated() { write(binding.value, at: offsets[index]) }
    }

    private mutating func write(_ value: Parameter, at offset: Int) {
        switch value {
        case .null: append(nil, length: 0, format: 0, type: 0)
        case .text(var text):
            text.withUTF8 { copy(UnsafeRawBufferPointer($0), to: offset) }
            append(pointer(offset), length: 0, format: 0, type: 0)
        case .binary(let data, let type):
            data.withUnsafeBytes { copy($0, to: offset) }
            append(pointer(offset), length: Int32(clamping: data.count), format: 1, type: type)
        }
    }

    private func copy(_ source: UnsafeRawBufferPointer, to offset: Int) {
        UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyMemory(from: source)
        bytes[offset + source.count] = 0
    }

    private func pointer(_ offset: Int) -> UnsafePointer<CChar>? {
        bytes.baseAddress.map { UnsafePointer(($0 + offset).assumingMemoryBound(to: CChar.self)) }
    }

    private mutating func append(_ value: UnsafePointer<CChar>?, length: Int32, format: Int32, type: UInt32) {
        values.append(value)
        lengths.append(length)
        formats.append(format)
        types.append(type)
    }

    private mutating func resize(to size: Int) {
        let needed = size + 1
        guard bytes.count < needed || (bytes.count > Self.keep && needed <= Self.keep) else { return }
        bytes.deallocate()
        bytes = .allocate(byteCount: max(needed, 16_384), alignment: 1)
    }
}
