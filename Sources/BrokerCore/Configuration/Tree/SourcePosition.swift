// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where something stands in a file.
public struct SourcePosition: Sendable, Hashable {
    /// The file's name as the user gave it.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column in characters, from 1.
    public var column: Int
    /// How many characters it spans on its line, at least 1; a caret is drawn under each.
    public var length: Int

    /// Makes a position.
    public init(file: String, line: Int, column: Int, length: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
        self.length = length
    }
}

extension SourcePosition: CustomStringConvertible {
    /// `brokers.yaml:17:5`.
    public var description: String { "\(file):\(line):\(column)" }
}
