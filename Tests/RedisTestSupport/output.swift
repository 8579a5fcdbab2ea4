// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs an executable of this package to its end and returns what it wrote to stdout, without holding up a thread; fails
/// unless it ends with 0. `environment` takes the place of the test's for the names that it has, `nil` removes one.
package func output(
    of program: String, _ arguments: [String], environment: [String: String?] = [:]
) async throws -> String {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("output-\(UUID().uuidString)")
    guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
        throw RigFailure("no file could be made for the output of \(program)")
    }
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = Supervisor.programs.appendingPathComponent(program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment.compactMapValues { $0 }) { $1 }
        .filter { environment[$0.key] != .some(nil) }
    process.standardOutput = try FileHandle(forWritingTo: file)
    let hasEnded = Ending()
    process.terminationHandler = { _ in hasEnded.finish() }
    try process.run()
    await hasEnded.wait()
    guard process.terminationStatus == 0 else {
        throw RigFailure("\(program) failed with \(process.terminationStatus)")
    }
    return try String(decoding: Data(contentsOf: file), as: UTF8.self)
}
