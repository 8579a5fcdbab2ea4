// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a conformance check found instead of what it expected.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    /// What was expected and what was found.
    public var message: String
    /// The file of the check that failed.
    public var file: String
    /// The line at which it failed.
    public var line: Int

    /// Makes a failure of the line that makes it.
    public init(_ message: String, file: String = #fileID, line: Int = #line) {
        self.message = message
        self.file = file
        self.line = line
    }

    /// The message and where it comes from.
    public var description: String { "\(message) (\(file):\(line))" }
}
