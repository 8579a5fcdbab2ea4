// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

@Suite struct ServerReactionTests {
    /// One literal text of a server for each row of the table, in its order.
    private static let rows: [(text: String, reaction: ServerReaction)] = [
        ("LOADING Redis is loading the dataset in memory", .backOff),
        ("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", .backOff),
        ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", .backOff),
        ("CLUSTERDOWN The cluster is down", .backOff),
        ("TRYAGAIN Multiple keys request during rehashing of slot", .backOff),
        ("NOREPLICAS Not enough good replicas to write.", .backOff),
        ("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.", .backOff),
        ("OOM command not allowed when used memory > 'maxmemory'.", .backOff),
        ("ERR max number of clients reached", .backOff),
        ("READONLY You can't write against a read only replica.", .reconnect),
        (
            "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
            .reconnect
        ),
        ("ERR WAIT cannot be used with replica instances.", .reconnect),
        ("ERR WAITAOF cannot be used with replica instances.", .reconnect),
        ("MOVED 3999 127.0.0.1:6381", .redirect),
        ("ASK 3999 127.0.0.1:6381", .redirect),
        ("CROSSSLOT Keys in request don't hash to the same slot", .refuse),
        ("ERR Protocol error: invalid bulk length", .refuse),
        ("NOSCRIPT No matching script. Please use EVAL.", .reloadScript),
        ("NOGROUP No such key 'orders' or consumer group 'billing' in XREADGROUP with GROUP option", .ensureGroup),
        ("ERR no such key", .ensureGroup),
        ("UNBLOCKED the stream key no longer exists", .ensureGroup),
        ("UNBLOCKED client unblocked via CLIENT UNBLOCK", .readAgain),
        ("BUSYGROUP Consumer Group name already exists", .alreadySo),
        ("WRONGTYPE Operation against a key holding the wrong kind of value", .isolateStream),
        ("NOAUTH Authentication required.", .alarm),
        ("WRONGPASS invalid username-password pair or user is disabled.", .alarm),
        ("NOPERM this user has no permissions to run the 'xadd' command", .alarm),
        ("DENIED Redis is running in protected mode", .alarm),
        ("-DENIED Redis is running in protected mode because protected mode is enabled", .alarm),
        ("NOPROTO unsupported protocol version", .alarm),
        ("ERR invalid password", .alarm),
        ("ERR Client sent AUTH, but no password is set", .alarm),
        ("ERR AUTH <password> called without any password configured for the default user.", .alarm),
        ("ERR The user executing the script can't run this command or subcommand", .alarm),
        ("ERR ACL failure in script: User app has no permissions to run the 'xadd' command", .alarm),
        ("EXECABORT Transaction discarded because of previous errors.", .fail),
        ("ERR unknown command 'XAUTOCLAIM'", .fail),
    ]

    @Test func everyRowHasItsText() {
        #expect(Self.rows.count == ServerReaction.table.count)
        for (row, sample) in zip(ServerReaction.table, Self.rows) {
            #expect(sample.text.hasPrefix(row.prefix))
            #expect(sample.text.contains(row.part ?? ""))
            #expect(row.reaction == sample.reaction)
        }
    }

    @Test(arguments: rows)
    func knowsWhatToDo(_ text: String, _ reaction: ServerReaction) {
        #expect(ServerReaction.reaction(to: text) == reaction)
    }

    @Test(arguments: ["", "BUSYBODY of a module", "LOADINGS", "MYERR something", "err lower case"])
    func whatNobodyKnowsHasFailed(_ text: String) {
        #expect(ServerReaction.reaction(to: text) == .fail)
    }

    /// Texts of 6.2.14 (scripting.c: `evalGenericCommand`, `luaPushError`, and its handler of errors).
    @Test(arguments: [
        ("@user_script:12: NOGROUP No such key 'orders' or consumer group 'billing'", ServerReaction.ensureGroup),
        ("@user_script:12: WRONGTYPE Operation against a key holding the wrong kind of value", .isolateStream),
        ("@user_script:12: @user_script: 12: -OOM command not allowed when used memory > 'maxmemory'.", .backOff),
        ("@user_script:12: @user_script: 12: -READONLY You can't write against a read only replica.", .reconnect),
        (
            "@user_script:12: @user_script: 12: The user executing the script can't run this command or subcommand",
            .alarm
        ),
        ("@user_script:1: Script killed by user with SCRIPT KILL...", .fail),
        ("@user_script:2: user_script:2: attempt to index local 'x' (a nil value)", .fail),
    ])
    func whatAScriptRaisedOn6_2IsKnownByItsCause(_ cause: String, _ reaction: ServerReaction) {
        let error = ServerError(
            "ERR Error running script (call to f_e3fdde15d7e04251658661cca47c45ec2564441b): \(cause)")
        #expect(error.reaction == reaction)
        #expect(RedisError(error).effect == .unknown)
    }

    @Test func anErrorNeverRepeatsArguments() {
        let error = ServerError("ERR unknown command 'AUTH', with args beginning with: 'secret' 'word'")
        #expect(error.text == "ERR unknown command 'AUTH'")
        #expect(ServerError("ERR a\nb\tc").text == "ERR a b c")
        #expect(ServerError("ERR " + String(repeating: "x", count: 5000)).text.count == 300)
    }

    @Test func whatFailedInsideAScriptMayHaveWritten() {
        let inside = ServerError("ERR Wrong number of args script: f1, on @user_script:3.")
        #expect(RedisError(inside).effect == .unknown)
        #expect(RedisError(ServerError("OOM command not allowed")).effect == .notApplied)
    }

    @Test func saysWhetherTryingAgainCanHelp() {
        #expect(RedisError(ServerError("LOADING")).isRetryable)
        #expect(!RedisError(ServerError("NOAUTH Authentication required.")).isRetryable)
        #expect(!RedisError(ServerError("ERR syntax error")).isRetryable)
        #expect(RedisError(.timeout, "late").isRetryable)
        #expect(!RedisError(.tls, "no").isRetryable)
    }
}
