// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Something that the benchmarks need and that is not here.
struct Missing: Error {
    let message: String
}

/// Another program, run to its end.
enum Program {
    /// What it writes on stdout; what it writes on stderr is shown, unless that is expected to be noise.
    static func output(of path: String, _ arguments: [String], isQuiet: Bool = false) throws -> String {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = output
        if isQuiet { process.standardError = FileHandle.nullDevice }
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard isQuiet || process.terminationStatus == 0 else {
            throw Missing(message: "\(path) ended with status \(process.terminationStatus)")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The path of a program that is built beside this one.
    static func sibling(_ name: String) throws -> String {
        let path = Bundle.main.bundlePath + "/" + name
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Missing(message: "there is no \(path); build it: swift build -c release --package-path Benchmarks")
        }
        return path
    }
}
