import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// A CSV file to be kept.
    static func csv(_ bytes: [UInt8], name: String) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8", .contentDisposition: ContentDisposition.attachment(name),
                .xContentTypeOptions: "nosniff", .cacheControl: "no-store",
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
