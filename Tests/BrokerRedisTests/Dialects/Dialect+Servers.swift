// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension Dialect: CaseIterable {
    static let allCases = [redis6_2, redis7_0, redis7_2, valkey8_0]

    /// Redis 6.2.14. A key that vanishes is nothing to a read that blocks on it (blocked.c, `handleClientsBlockedOnKeys`
    /// looks at streams only); the next one meets it.
    static let redis6_2 = Dialect(
        name: "Redis 6.2", information: information(version: "redis_version:6.2.14"), knowsRights: false,
        keyVanished: .nothing,
        // blocked.c, `serveClientsBlockedOnStreamKey`.
        groupDestroyed: RedisText(
            "-NOGROUP the consumer group this client was blocked on no longer exists\r\n"),
        typeChanged: .nothing, busy: busy("Redis"), loading: loading("Redis"),
        // server.c, `createSharedObjects`.
        misconfigured: """
            MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk. \
            Commands that may modify the data set are disabled, because this instance is configured to report errors \
            during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs \
            for details about the RDB error.
            """,
        unknownScript: "NOSCRIPT No matching script. Please use EVAL.",
        // scripting.c, `luaRedisGenericCommand`, behind the place in the script.
        lacksRight: "ERR The user executing the script can't run this command or subcommand",
        // scripting.c, `evalGenericCommand`; `luaPushError` for what is refused before the command runs.
        raised: { error in
            let cause = error.hasPrefix("NOGROUP") ? error : "@user_script: 46: -\(error)"
            return "ERR Error running script (call to f_\(digest)): @user_script:46: \(cause)"
        },
        // t_stream.c, `xinfoCommand`: neither `entries-read` nor `lag`.
        groups: """
            *1\r\n*8\r\n$4\r\nname\r\n$7\r\nbilling\r\n$9\r\nconsumers\r\n:2\r\n$7\r\npending\r\n:3\r\n\
            $17\r\nlast-delivered-id\r\n$3\r\n3-1\r\n
            """,
        consumers: consumers(fields: 6), lag: nil)

    /// Redis 7.0.15.
    static let redis7_0 = Dialect(
        name: "Redis 7.0", information: information(version: "redis_version:7.0.15"), knowsRights: true,
        // blocked.c, `unblockDeletedStreamReadgroupClients`.
        keyVanished: RedisText("-UNBLOCKED the stream key no longer exists\r\n"),
        groupDestroyed: redis6_2.groupDestroyed,
        typeChanged: RedisText("-UNBLOCKED the stream key no longer exists\r\n"),
        busy: busy("Redis"), loading: loading("Redis"), misconfigured: misconfigured("Redis"),
        unknownScript: "NOSCRIPT No matching script. Please use EVAL.",
        // script.c, `scriptVerifyACL`.
        lacksRight: "ERR The user executing the script can't run this command or subcommand",
        raised: raised, groups: groups, consumers: consumers(fields: 6), lag: 0)

    /// Redis 7.2.5. A read that blocks is carried out again when its key is touched (blocked.c,
    /// `unblockClientOnKey`), so it says what any other would.
    static let redis7_2 = Dialect(
        name: "Redis 7.2", information: information(version: "redis_version:7.2.5"), knowsRights: true,
        keyVanished: noGroup, groupDestroyed: noGroup, typeChanged: wrongType, busy: busy("Redis"),
        loading: loading("Redis"), misconfigured: misconfigured("Redis"),
        unknownScript: "NOSCRIPT No matching script. Please use EVAL.",
        // script.c, `scriptVerifyACL`, and acl.c, `getAclErrorMessage`.
        lacksRight: "ERR ACL failure in script: User app has no permissions to run the 'xadd' command",
        raised: raised, groups: groups, consumers: consumers(fields: 8), lag: 0)

    /// Valkey 8.0.1: as Redis 7.2, by its own name.
    static let valkey8_0 = Dialect(
        name: "Valkey 8.0",
        information: information(
            version: "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1", mode: "server_mode"),
        knowsRights: true, keyVanished: noGroup, groupDestroyed: noGroup, typeChanged: wrongType,
        busy: busy("Valkey"), loading: loading("Valkey"), misconfigured: misconfigured("Valkey"),
        unknownScript: "NOSCRIPT No matching script.", lacksRight: redis7_2.lacksRight, raised: raised,
        groups: groups, consumers: consumers(fields: 8), lag: 0)
}

extension Dialect {
    private static let digest = "e3fdde15d7e04251658661cca47c45ec2564441b"

    // server.c, `genRedisInfoString`.
    private static func information(version: String, mode: String = "redis_mode") -> String {
        """
        # Server\r\n\(version)\r\n\(mode):standalone\r\n\r\n# Clients\r\nconnected_clients:3\r\nmaxclients:10000\r\n\r\n\
        # Memory\r\nused_memory:987952\r\nmaxmemory_policy:noeviction\r\n\r\n# Stats\r\npubsub_channels:0\r\n\r\n\
        # Replication\r\nrole:master\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n
        """
    }

    // server.c, `createSharedObjects`; Valkey's in `createSharedObjectsWithCompat`.
    private static func busy(_ server: String) -> String {
        "BUSY \(server) is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
    }

    private static func loading(_ server: String) -> String { "LOADING \(server) is loading the dataset in memory" }

    private static func misconfigured(_ server: String) -> String {
        """
        MISCONF \(server) is configured to save RDB snapshots, but it's currently unable to persist to disk. \
        Commands that may modify the data set are disabled, because this instance is configured to report errors \
        during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the \(server) \
        logs for details about the RDB error.
        """
    }

    // script_lua.c, `luaCallFunction`, of 7.0 and later.
    @Sendable private static func raised(_ error: String) -> String {
        "\(error) script: \(digest), on @user_script:46."
    }

    // t_stream.c, `xinfoCommand`, of 7.0 and later.
    private static let groups = """
        *1\r\n*12\r\n$4\r\nname\r\n$7\r\nbilling\r\n$9\r\nconsumers\r\n:2\r\n$7\r\npending\r\n:3\r\n\
        $17\r\nlast-delivered-id\r\n$3\r\n3-1\r\n$12\r\nentries-read\r\n:3\r\n$3\r\nlag\r\n:0\r\n
        """

    /// t_stream.c, `xinfoCommand`: since 7.2 there is `inactive`, too.
    private static func consumers(fields: Int) -> String {
        let inactive = fields == 8 ? "$8\r\ninactive\r\n:-1\r\n" : ""
        let holders = [("~parked", 2), ("one@30000", 1)].map { name, pending in
            """
            *\(fields)\r\n$4\r\nname\r\n$\(name.utf8.count)\r\n\(name)\r\n$7\r\npending\r\n:\(pending)\r\n\
            $4\r\nidle\r\n:564\r\n\(inactive)
            """
        }
        return "*2\r\n" + holders.joined()
    }
}
