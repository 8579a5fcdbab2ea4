// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The publisher's own id of a message, by which a publish that is repeated is recognised: `order-4711`.
///
/// It belongs to its stream. It has 1 to ``maximumBytes`` bytes, and is never shown in an error or a log, since it may
/// say whom a message is about.
public struct DeduplicationID: Sendable, ExpressibleByStringInterpolation {
    /// The most bytes that an id may have: 256.
    public static let maximumBytes = 256

    /// The id as written.
    public let text: String

    /// Makes an id without a check. It is checked when a message is published with it.
    public init(_ text: String) {
        self.text = text
    }

    /// Makes an id from a literal, without a check.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

/// Ids are equal if their bytes are. Texts that look the same may be two ids, as they are on a server.
extension DeduplicationID: Hashable {
    /// Returns whether both have the same bytes.
    public static func == (left: DeduplicationID, right: DeduplicationID) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8(0xFF))
    }
}

extension DeduplicationID: CustomStringConvertible, CustomDebugStringConvertible {
    /// The size only, so that ids never reach a log by accident.
    public var description: String { "an id of \(text.utf8.count) bytes" }

    /// The size only, so that ids never reach a log by accident.
    public var debugDescription: String { description }
}
