// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The process: a shell that keeps the server for as long as its standard input is open.
///
/// The binary is `redis-server`, or what `STREAMBROKER_TEST_SERVER` names.
final class RunningServer: Sendable {
    private let process = Process()
    private let lifeline = Pipe()
    private let hasEnded = Ending()

    init(arguments: [String], folder: String, environment: [String: String]) throws {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // A word says that the folder is still needed; without one the test program has died. The shell may have been
        // started with SIGCHLD blocked: only behind a program in the foreground does its `wait` return.
        let script = """
            "${STREAMBROKER_TEST_SERVER:-redis-server}" "$@" >"$0/log" 2>&1 &
            cat >"$0/word"; kill -9 $!; wait; [ -s "$0/word" ] || rm -rf "$0"
            """
        let common = [
            "--bind", "127.0.0.1", "--unixsocket", folder + "/redis.sock", "--pidfile", folder + "/pid", "--dir",
            folder,
            "--save", "", "--appendonly", "no",
        ]
        process.arguments = ["-c", script, folder] + arguments + common
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = lifeline
        process.terminationHandler = { [hasEnded] _ in hasEnded.finish() }
        try process.run()
    }

    /// Kills the server, keeps its folder, and returns when it is gone.
    func end() async {
        try? lifeline.fileHandleForWriting.write(contentsOf: Data("keep\n".utf8))
        try? lifeline.fileHandleForWriting.close()
        await hasEnded.wait()
    }
}
