// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The headers of a message: names and values in the order in which they were written.
///
/// A name may stand more than once. Values are bytes; reading and writing them as text is a convenience. Publishing
/// accepts at most ``maximumCount`` headers of together ``maximumBytes``; entries written by somebody else may have
/// more and are delivered as they are.
public struct Headers: Sendable, Hashable {
    /// One header.
    public struct Header: Sendable, Hashable {
        /// The name, of at least one character.
        public var name: String
        /// The value; arbitrary bytes.
        public var value: Payload

        /// Makes a header of a name and bytes.
        public init(name: String, value: Payload) {
            self.name = name
            self.value = value
        }
    }

    /// How many headers a published message may have.
    public static let maximumCount = 64
    /// How many bytes the names and values of a published message may have together.
    public static let maximumBytes = 16 * 1024

    private var list: [Header]

    /// Makes an empty list.
    public init() {
        list = []
    }

    /// Takes a list of headers as they are.
    public init(_ headers: [Header]) {
        list = headers
    }

    /// The text of the first header of that name; setting replaces all of that name, `nil` removes them.
    ///
    /// Invalid UTF-8 is read with U+FFFD in its place; ``bytes(of:)`` gives the bytes.
    public subscript(name: String) -> String? {
        get { bytes(of: name)?.string }
        set {
            list.removeAll { $0.name == name }
            if let newValue { append(name, newValue) }
        }
    }

    /// The bytes of the first header of that name.
    public func bytes(of name: String) -> Payload? {
        list.first { $0.name == name }?.value
    }

    /// Adds a header behind the others, also when the name is there already.
    public mutating func append(_ name: String, _ value: String) {
        list.append(Header(name: name, value: Payload(value)))
    }

    /// Adds a header of bytes behind the others, also when the name is there already.
    public mutating func append(_ name: String, bytes: Payload) {
        list.append(Header(name: name, value: bytes))
    }
}

extension Headers: RandomAccessCollection {
    /// The position of the first header.
    public var startIndex: Int { 0 }
    /// The position behind the last header.
    public var endIndex: Int { list.count }
    /// The header at a position.
    public subscript(position: Int) -> Header { list[position] }
}

extension Headers: ExpressibleByDictionaryLiteral {
    /// Makes headers in the order of the literal.
    public init(dictionaryLiteral elements: (String, String)...) {
        list = elements.map { Header(name: $0, value: Payload($1)) }
    }
}

extension Headers: CustomStringConvertible, CustomDebugStringConvertible {
    /// The number alone: header values never reach a log by accident.
    public var description: String { "\(count) headers" }

    /// The number alone: header values never reach a log by accident.
    public var debugDescription: String { description }
}
