// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program of this package, such as an example, that a test starts and kills; it ends with the test program whatever
/// becomes of that, since a shell kills it when its own standard input ends.
package final class DoomedProcess: Sendable {
    private let process = Process()
    private let lifeline = Pipe()
    private let hasEnded = Ending()

    /// Starts an executable; `environment` is added to that of the test.
    package init(_ program: String, _ arguments: [String], environment: [String: String]) throws {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let path = Supervisor.programs.appendingPathComponent(program).path
        process.arguments = ["-c", #""$0" "$@" >/dev/null 2>&1 & cat >/dev/null; kill -9 $!; wait"#, path] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = lifeline
        process.terminationHandler = { [hasEnded] _ in hasEnded.finish() }
        try process.run()
    }

    /// Kills the program by `kill -9` and returns when it is gone.
    package func kill() async {
        try? lifeline.fileHandleForWriting.close()
        await hasEnded.wait()
    }
}
