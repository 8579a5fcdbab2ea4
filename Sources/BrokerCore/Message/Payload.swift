// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A window of bytes on shared storage: the body of a message or the value of a header.
///
/// Copying a payload copies a reference and two numbers, never the bytes. A payload keeps its whole storage alive, so
/// one that is kept long after its batch is better kept as ``detached()``.
public struct Payload: Sendable {
    private let storage: [UInt8]
    private let start: Int
    private let end: Int

    /// The payload without bytes.
    public static let empty = Payload([UInt8]())

    /// Takes all of `bytes`, without copying them.
    public init(_ bytes: [UInt8]) {
        storage = bytes
        start = 0
        end = bytes.count
    }

    /// Takes the UTF-8 bytes of `text`.
    public init(_ text: String) {
        self.init([UInt8](text.utf8))
    }

    /// Takes a window of `storage`, without copying it; `window` must lie within its bounds.
    public init(storage: [UInt8], window: Range<Int>) {
        precondition(window.lowerBound >= 0 && window.upperBound <= storage.count, "a payload lies within its storage")
        self.storage = storage
        start = window.lowerBound
        end = window.upperBound
    }

    /// How many bytes the payload has.
    public var count: Int { end - start }

    /// How many bytes the payload keeps in memory.
    package var storageCount: Int { storage.count }

    /// Whether the payload has no bytes.
    public var isEmpty: Bool { start == end }

    /// The bytes as an array; free when the payload spans its whole storage, else a copy.
    public var bytes: [UInt8] {
        start == 0 && end == storage.count ? storage : [UInt8](storage[start..<end])
    }

    /// The bytes as text; invalid UTF-8 is replaced by U+FFFD.
    public var string: String {
        String(decoding: storage[start..<end], as: UTF8.self)
    }

    /// The same bytes on storage of their own, for payloads that outlive their batch.
    public func detached() -> Payload {
        count == storage.count ? self : Payload(bytes)
    }

    /// Calls `body` with the bytes, which are valid only during the call.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try storage.withUnsafeBytes { whole in
            try body(UnsafeRawBufferPointer(rebasing: whole[start..<end]))
        }
    }
}

extension Payload: Hashable {
    /// Whether both have the same bytes, wherever these are stored.
    public static func == (left: Payload, right: Payload) -> Bool {
        left.storage[left.start..<left.end] == right.storage[right.start..<right.end]
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension Payload: ExpressibleByStringLiteral {
    /// Takes the UTF-8 bytes of the literal.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension Payload: CustomStringConvertible, CustomDebugStringConvertible {
    /// The size alone: payloads never reach a log by accident.
    public var description: String { "\(count) bytes" }

    /// The size alone: payloads never reach a log by accident.
    public var debugDescription: String { description }
}

/// Turns values into bodies and back; registries take any, JSON is the default.
public protocol MessageCodec: Sendable {
    /// The body of a value. An error it throws reaches the publisher.
    func encode<Value: Encodable>(_ value: Value) throws -> Payload

    /// The value of a body. An error it throws makes the message a dead letter at once.
    func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value
}
