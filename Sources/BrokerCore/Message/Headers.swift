// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The headers of a message: names and values in the order in which they were written.
///
/// A name may occur more than once. Values are bytes; reading and writing them as text is a convenience. Publishing
/// accepts at most ``maximumCount`` headers with ``maximumBytes`` in total. Entries that another program wrote may have
/// more. They are delivered as they are.
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

    /// The most headers that a published message may have: 64.
    public static let maximumCount = 64
    /// The most bytes that the names and values of a published message may have in total: 16 KiB.
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

    /// The text of the first header with this name. Setting it replaces all headers with the name; `nil` removes them.
    ///
    /// Invalid UTF-8 is replaced by U+FFFD. ``bytes(of:)`` returns the bytes themselves.
    public subscript(name: String) -> String? {
        get { bytes(of: name)?.string }
        set {
            list.removeAll { $0.name == name }
            if let newValue { append(name, newValue) }
        }
    }

    /// Returns the bytes of the first header with this name, or `nil`.
    public func bytes(of name: String) -> Payload? {
        list.first { $0.name == name }?.value
    }

    /// Adds a header after the others, even if there is one with this name already.
    public mutating func append(_ name: String, _ value: String) {
        list.append(Header(name: name, value: Payload(value)))
    }

    /// Adds a header with a value of bytes after the others, even if there is one with this name already.
    public mutating func append(_ name: String, bytes: Payload) {
        list.append(Header(name: name, value: bytes))
    }
}

extension Headers: RandomAccessCollection {
    /// The position of the first header.
    public var startIndex: Int { 0 }
    /// The position after the last header.
    public var endIndex: Int { list.count }
    /// The header at a position.
    public subscript(position: Int) -> Header { list[position] }
}

extension Headers {
    /// The only group that handles the message; `nil` for every group. Every consumer asks this of every message, so it
    /// looks at the last header and no other.
    package var onlyGroup: String? {
        guard let last = list.last, last.name == ReservedHeaders.onlyGroup else { return nil }
        return last.value.string
    }
}

extension Headers: ExpressibleByDictionaryLiteral {
    /// Makes headers in the order of the literal.
    public init(dictionaryLiteral elements: (String, String)...) {
        list = elements.map { Header(name: $0, value: Payload($1)) }
    }
}

extension Headers: CustomStringConvertible, CustomDebugStringConvertible {
    /// The number of headers only, so that header values never reach a log by accident.
    public var description: String { "\(count) headers" }

    /// The number of headers only, so that header values never reach a log by accident.
    public var debugDescription: String { description }
}
