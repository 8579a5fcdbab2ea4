// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs a program from PATH to its end without holding up a thread, its complaints unseen; fails unless it ends with 0.
package func runProgram(_ program: String, _ arguments: [String]) async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardError = FileHandle.nullDevice
    let hasEnded = Ending()
    process.terminationHandler = { _ in hasEnded.finish() }
    try process.run()
    await hasEnded.wait()
    guard process.terminationStatus == 0 else {
        throw RigFailure("\(program) failed with \(process.terminationStatus); is it installed?")
    }
}
