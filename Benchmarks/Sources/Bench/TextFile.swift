// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file that cannot be used.
struct UnusableFile: Error {
    let file: String
    let reason: String
}

/// A file as text.
enum TextFile {
    /// All of a file; `nil` when it cannot be read.
    static func text(of path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The lines of a file that are not empty; `nil` when it cannot be read.
    static func lines(of path: String) -> [Substring]? {
        text(of: path)?.split(separator: "\n")
    }

    /// Writes a file as a whole, and the folder that it is in when there is none.
    static func write(_ text: String, to path: String) throws {
        let url = URL(fileURLWithPath: path)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url, options: .atomic)
        } catch {
            throw UnusableFile(file: path, reason: "cannot be written: \(error.localizedDescription)")
        }
    }
}
