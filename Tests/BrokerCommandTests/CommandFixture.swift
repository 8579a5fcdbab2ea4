// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import Testing

/// The built command as a person runs it.
enum CommandFixture {
    /// The command, which is built beside the tests.
    private static let command: String = {
        let own = CommandLine.arguments[0]
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/streambroker"
    }()

    /// Runs a line of a shell in which `$sb` is the command; returns all that it prints, its own last line `exit N`.
    static func run(_ line: String, _ variables: [String: String] = [:]) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "(\(line)) 2>&1; echo exit $?"]
        let kept = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("STREAMBROKER_") }
        process.environment = kept.merging(["sb": command, "LC_ALL": "C"]) { $1 }.merging(variables) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }

    /// Runs a line on a server that has `commands` behind it, with `STREAMBROKER_URL` set.
    static func onServer(
        _ commands: [String], _ body: (_ run: (String) async throws -> String) async throws -> Void
    ) async throws {
        try await RedisServer.with { server in
            for command in commands { try await runProgram("redis-cli", ["-p", "\(server.port)"] + command.words) }
            try await body { try await run($0, ["STREAMBROKER_URL": server.url]) }
        }
    }
}

extension String {
    fileprivate var words: [String] { split(separator: " ").map(String.init) }
}
