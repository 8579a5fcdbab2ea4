// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A window of bytes on shared storage: the body of a message or the value of a header.
///
/// Copying a payload copies a reference and two numbers, never the bytes. A payload keeps its whole storage alive. To
/// keep a payload longer than its batch, keep ``detached()``.
public struct Payload: Sendable {
    private let storage: [UInt8]
    private let start: Int
    private let end: Int

    /// The payload without bytes.
    public static let empty = Payload([UInt8]())

    /// Makes a payload of all of `bytes`, without a copy.
    public init(_ bytes: [UInt8]) {
        storage = bytes
        start = 0
        end = bytes.count
    }

    /// Makes a payload of the UTF-8 bytes of `text`.
    public init(_ text: String) {
        self.init([UInt8](text.utf8))
    }

    /// Makes a payload of a part of `storage`, without a copy.
    ///
    /// - Parameters:
    ///   - storage: The bytes that several payloads may share.
    ///   - window: The part, which must lie within the bounds of `storage`.
    public init(storage: [UInt8], window: Range<Int>) {
        precondition(window.lowerBound >= 0 && window.upperBound <= storage.count, "a payload lies within its storage")
        self.storage = storage
        start = window.lowerBound
        end = window.upperBound
    }

    /// The number of bytes.
    public var count: Int { end - start }

    /// How many bytes the payload keeps alive.
    package var storageCount: Int { storage.count }

    /// Whether there are no bytes.
    public var isEmpty: Bool { start == end }

    /// The bytes as an array. This is a copy, unless the payload spans its whole storage.
    public var bytes: [UInt8] {
        start == 0 && end == storage.count ? storage : [UInt8](storage[start..<end])
    }

    /// The bytes as text. Invalid UTF-8 is replaced by U+FFFD.
    public var string: String {
        String(decoding: storage[start..<end], as: UTF8.self)
    }

    /// Returns the same bytes with storage of their own, for a payload that outlives its batch.
    public func detached() -> Payload {
        count == storage.count ? self : Payload(bytes)
    }

    /// Calls `body` with the bytes and returns its result. The bytes are valid only during the call.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try storage.withUnsafeBytes { whole in
            try body(UnsafeRawBufferPointer(rebasing: whole[start..<end]))
        }
    }
}

extension Payload: Hashable {
    /// Returns whether both have the same bytes, wherever these are stored.
    public static func == (left: Payload, right: Payload) -> Bool {
        left.storage[left.start..<left.end] == right.storage[right.start..<right.end]
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension Payload: ExpressibleByStringLiteral {
    /// Makes a payload of the UTF-8 bytes of the literal.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension Payload: CustomStringConvertible, CustomDebugStringConvertible {
    /// The size only, so that payloads never reach a log by accident.
    public var description: String { "\(count) bytes" }

    /// The size only, so that payloads never reach a log by accident.
    public var debugDescription: String { description }
}

/// Encodes values as bodies and decodes them. A registry takes any codec; JSON is the default.
public protocol MessageCodec: Sendable {
    /// Returns the body of a value. An error that it throws reaches the publisher.
    func encode<Value: Encodable>(_ value: Value) throws -> Payload

    /// Returns the value of a body. An error that it throws makes the message a dead letter at once.
    func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value
}
