// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Which streams a handler consumes: one by name, or all that match a pattern.
public enum StreamSelection: Sendable, Hashable {
    /// One stream.
    case stream(StreamName)
    /// Every stream whose name matches, those that exist and those that appear.
    case pattern(StreamPattern)

    /// Reads a name, or a pattern when the text has a `*`.
    public init(_ text: String) {
        self = text.contains("*") ? .pattern(StreamPattern(text)) : .stream(StreamName(text))
    }

    /// The name or pattern as written.
    public var text: String {
        switch self {
        case .stream(let name): name.text
        case .pattern(let pattern): pattern.text
        }
    }

    /// Whether a stream of this name is consumed.
    public func matches(_ stream: StreamName) -> Bool {
        switch self {
        case .stream(let name): name == stream
        case .pattern(let pattern): pattern.matches(stream)
        }
    }
}

extension StreamSelection: CustomStringConvertible {
    /// The name or pattern as written.
    public var description: String { text }
}
