import COpenSSL

/// AES-256-GCM of NIST SP 800-38D, with nonces of 96 bits and tags of 128 bits.
enum AES256GCM {
    /// Bytes of a key.
    static let keySize = 32
    /// Bytes of a nonce. None may ever be used twice with one key.
    static let nonceSize = 12
    /// Bytes of a tag.
    static let tagSize = 16

    /// The ciphertext, as long as the plaintext, and behind it the tag.
    /// - Parameter bound: what is not stored but must be the same when it is opened.
    /// - Throws: `CaseworkError.lacking` where libcrypto does not do it.
    static func seal(
        _ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], bound: [UInt8]
    ) throws(CaseworkError) -> [UInt8] {
        guard key.count == keySize, nonce.count == nonceSize, let size = Int32(exactly: plaintext.count),
            let boundSize = Int32(exactly: bound.count), let context = EVP_CIPHER_CTX_new()
        else { throw .lacking(.memory) }
        defer { EVP_CIPHER_CTX_free(context) }
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count + 1)
        var tag = [UInt8](repeating: 0, count: tagSize)
        var (written, rest): (Int32, Int32) = (0, 0)
        guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_EncryptUpdate(context, nil, &written, bound, boundSize) == 1,
            EVP_EncryptUpdate(context, &ciphertext, &written, plaintext, size) == 1,
            // in this mode nothing is left to write
            EVP_EncryptFinal_ex(context, &tag, &rest) == 1, written == size, rest == 0,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), &tag) == 1
        else { throw .lacking(.memory) }
        return ciphertext.prefix(plaintext.count) + tag
    }

    /// The plaintext; nil where key, nonce, ciphertext, tag or what is bound is another.
    /// - Parameter sealed: ciphertext and tag.
    static func open(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], bound: [UInt8]) -> [UInt8]? {
        guard key.count == keySize, nonce.count == nonceSize, sealed.count >= tagSize,
            let size = Int32(exactly: sealed.count - tagSize), let boundSize = Int32(exactly: bound.count),
            let context = EVP_CIPHER_CTX_new()
        else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        let ciphertext = Array(sealed.dropLast(tagSize))
        var tag = Array(sealed.suffix(tagSize))
        var plaintext = [UInt8](repeating: 0, count: ciphertext.count + 1)
        var (written, rest): (Int32, Int32) = (0, 0)
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            EVP_DecryptUpdate(context, nil, &written, bound, boundSize) == 1,
            EVP_DecryptUpdate(context, &plaintext, &written, ciphertext, size) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagSize), &tag) == 1,
            EVP_DecryptFinal_ex(context, &tag, &rest) == 1, written == size, rest == 0
        else { return nil }
        return Array(plaintext.prefix(ciphertext.count))
    }
}
