// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisWire
import StreamBroker
import Testing

/// The options of a broker whose data is on several servers.
@Suite struct PlaceOptionsTests {
    private func connection(_ text: String) throws -> RedisOptions {
        try #require(try OptionsFixture.provider(text)).options.connection
    }

    @Test func aURLOfSentinelsOrOfAClusterIsEnough() throws {
        let sentinels = try connection("url: redis+sentinel://a,b,c/shop")
        #expect(sentinels.url == (try RedisURL("redis+sentinel://a,b,c/shop")))
        #expect(sentinels.sentinel.username == nil)
        #expect(sentinels.sentinel.password == nil)
        #expect(sentinels.addressMap.isEmpty)
        let cluster = try connection("url: redis+cluster://a,b,c")
        #expect(cluster.url == (try RedisURL("redis+cluster://a,b,c")))
    }

    @Test func everyKeyArrivesWhereItBelongs() throws {
        let connection = try connection(
            """
            url: rediss+sentinel://app:hunter2@a,b/shop/3
            tls: { verify: none, server-name: data.example }
            sentinel:
              username: watcher
              password: sesame
              tls: { enabled: false, server-name: sentinel.example, verify: full }
            address-map:
              "10.0.0.5:6379": redis-1.example:7001
              "[fd00::5]:6379": "[::1]:7002"
              x-note: not an address
            """)
        #expect(connection.sentinel.username == "watcher")
        #expect(connection.sentinel.password?.value == "sesame")
        #expect(connection.sentinel.isEncrypted == false)
        #expect(connection.sentinel.tls?.serverName == "sentinel.example")
        #expect(connection.sentinel.tls?.verification == .full)
        #expect(connection.tls.verification == .none)
        let map = connection.addressMap
        #expect(map.map(.host("10.0.0.5", port: 6379)) == .host("redis-1.example", port: 7001))
        #expect(map.map(.host("FD00::5", port: 6379)) == .host("::1", port: 7002))
        #expect(map.map(.host("10.0.0.6", port: 6379)) == .host("10.0.0.6", port: 6379))
    }

    @Test func certificatesOfSentinelsAreCheckedAsThoseOfTheDataUnlessTheFileSaysOtherwise() throws {
        let url = "url: rediss+sentinel://a/shop\ntls: { verify: none, server-name: data.example }"
        let asked = try connection(url).sentinel(at: .host("a", port: 26379))
        #expect(asked.url.isEncrypted)
        #expect(asked.tls.verification == .none)
        #expect(asked.tls.serverName == nil)
        let open = try connection("url: redis+sentinel://a/shop\nsentinel: { tls: { enabled: true, verify: none } }")
        #expect(!open.url.isEncrypted)
        #expect(open.sentinel(at: .host("a", port: 26379)).url.isEncrypted)
    }

    static let mistakes: [(String, [String])] = [
        (
            "url: redis+sentinel://a,b",
            [
                "5:10: error: 'url' in brokers.events is no URL of Redis Sentinels: the name of the primary is missing: "
                    + "redis+sentinel://host,host/name"
            ]
        ),
        (
            "url: redis+cluster://a,b/2",
            ["5:10: error: 'url' in brokers.events is no URL of a Redis cluster: a cluster has database 0 only"]
        ),
        (
            "url: redis+cluster://a,b\ndatabase: 2",
            ["6:15: error: 'database' in brokers.events has to be 0 with a 'url' of a cluster, which has no other one"]
        ),
        (
            "url: redis://h\nsentinel: { password: sesame }",
            [
                "6:15: error: 'sentinel' in brokers.events is for a 'url' that begins with redis+sentinel://; where it "
                    + "begins with redis://, write 'sentinel: null'"
            ]
        ),
        (
            "url: rediss+cluster://h\nsentinel: {}",
            [
                "6:15: error: 'sentinel' in brokers.events is for a 'url' that begins with redis+sentinel://; where it "
                    + "begins with rediss+cluster://, write 'sentinel: null'"
            ]
        ),
        (
            "url: unix:///run/redis.sock\naddress-map: { \"10.0.0.5:6379\": \"h:1\" }",
            [
                "6:18: error: 'address-map' in brokers.events is for a 'url' of Sentinels or of a cluster; where it "
                    + "begins with unix://, write 'address-map: null'"
            ]
        ),
        (
            "url: redis+sentinel://a/shop\nsentinel: { user: watcher, username: watcher, tls: { c: x } }",
            [
                "6:17: error: unknown key 'user' in brokers.events.sentinel; did you mean 'username'?",
                "6:42: error: 'username' in brokers.events.sentinel names a user without a password",
                "6:56: error: 'tls' in brokers.events.sentinel needs a 'url' that begins with rediss+sentinel://, "
                    + "or 'enabled: true'",
                "6:58: error: unknown key 'c' in brokers.events.sentinel.tls",
            ]
        ),
        (
            "url: redis+sentinel://a/shop\nsentinal: { password: sesame }",
            [
                "6:5: error: unknown key 'sentinal' in brokers.events; did you mean 'sentinel'?"
            ]
        ),
        (
            "url: redis+sentinel://a/shop\nsentinel: { pasword: sesame, password: '' }",
            [
                "6:17: error: unknown key 'pasword' in brokers.events.sentinel; did you mean 'password'?",
                "6:44: error: 'password' in brokers.events.sentinel is empty; leave it out when there is none",
            ]
        ),
        (
            "url: redis+sentinel://a/shop\ntls: { verify: full }\nsentinel: { tls: { ca: /no/such/ca.pem } }",
            [
                "6:10: error: 'tls' in brokers.events needs a 'url' that begins with rediss+sentinel://",
                "7:22: error: 'tls' in brokers.events.sentinel: '/no/such/ca.pem' cannot be read as PEM",
                "7:22: error: 'tls' in brokers.events.sentinel needs a 'url' that begins with rediss+sentinel://, "
                    + "or 'enabled: true'",
            ]
        ),
        (
            "url: rediss+sentinel://a/shop\nsentinel: { tls: { ca: /no/such/ca.pem, key: a.key, verify: yes } }",
            [
                "6:22: error: 'tls' in brokers.events.sentinel: '/no/such/ca.pem' cannot be read as PEM",
                "6:50: error: 'key' in brokers.events.sentinel.tls needs 'certificate' beside it",
                "6:65: error: 'verify' in brokers.events.sentinel.tls takes one of full, none; found 'yes'",
            ]
        ),
        (
            "url: redis+cluster://a\naddress-map: { \"10.0.0.5\": \"h:1\", \"a:1\": h, \"A:1\": \"h:0\", \"b:1\": [h] }",
            [
                "6:20: error: a key in brokers.events.address-map is an address as the servers tell it, such as "
                    + "10.0.0.5:6379; behind the host comes ':' and the port",
                "6:46: error: 'a:1' in brokers.events.address-map takes a host and a port, such as "
                    + "redis-1.example:7001; behind the host comes ':' and the port",
                "6:56: error: 'A:1' in brokers.events.address-map takes a host and a port, such as "
                    + "redis-1.example:7001; the port is a number from 1 to 65535",
                "6:70: error: 'b:1' in brokers.events.address-map takes text; found a list",
            ]
        ),
        (
            "url: redis+cluster://a\naddress-map: { \"a:1\": \"h:1\", \"A:1\": \"h:2\", \"::1:6379\": \"h:3\" }",
            [
                "6:34: error: 'A:1' in brokers.events.address-map is there twice",
                "6:48: error: a key in brokers.events.address-map is an address as the servers tell it, such as "
                    + "10.0.0.5:6379; the host is missing",
            ]
        ),
        (
            "url: redis+cluster://a\naddress-map: h",
            [
                "6:18: error: 'brokers.events.address-map' takes a map; found 'h'"
            ]
        ),
        (
            "url: redis+cluster://a\nadress-map: {}",
            [
                "6:5: error: unknown key 'adress-map' in brokers.events; did you mean 'address-map'?"
            ]
        ),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsNamedWithItsPlace(_ options: String, _ problems: [String]) {
        #expect(OptionsFixture.problems(options) == problems)
    }

    @Test(arguments: [
        "url: redis+sentinel://app:hunter2@a,,b/shop", "url: redis+sentinel://a,u:hunter2@b/shop",
        "url: redis+sentinel://a/shop\nsentinel: { password: [hunter2] }",
        "url: redis+cluster://a\naddress-map: { \"a:1\": \"redis://:hunter2@h\" }",
        "url: redis://app:hunter2@h\nsentinel: { password: hunter2 }",
    ])
    func noProblemShowsASecret(_ options: String) {
        let text = OptionsFixture.text(options)
        #expect(text.contains("error"))
        #expect(!text.contains("ter2"), "\(text)")
    }

    @Test func theResolvedViewShowsWhereItIsAndNoSecret() {
        let shown = OptionsFixture.shown(
            "url: redis+sentinel://a,b:5000/shop/0\nsentinel: { username: watcher, password: sesame }\n"
                + "address-map: { \"10.0.0.5:6379\": \"redis-1.example:7001\" }")
        #expect(shown["url"] == "redis+sentinel://a,b:5000/shop/0")
        #expect(shown["sentinel.username"] == "watcher")
        #expect(shown["sentinel.password"] == "***")
        #expect(shown["address-map.10.0.0.5:6379"] == "redis-1.example:7001")
        #expect(OptionsFixture.shown("url: redis+cluster://a,[::1]:7000")["url"] == "redis+cluster://a,[::1]:7000")
        #expect(OptionsFixture.shown("url: redis+cluster://me@a,b\npassword: p")["url"] == "***")
        #expect(OptionsFixture.shown("url: redis+sentinel://:pw@a,b/shop")["url"] == "***")
    }

    @Test func certificatesOfSentinelsThatAreNotVerifiedAreWarnedAbout() throws {
        let log = LogLines()
        let text = "url: redis+sentinel://app:hunter2@a/shop\nsentinel: { tls: { enabled: true, verify: none } }"
        _ = try OptionsFixture.provider(text, logger: log.logger)
        #expect(log.lines.count { $0.contains("warning") && $0.contains("anybody can say where the primary is") } == 1)
        #expect(!log.lines.contains { $0.contains("hunter2") })
    }
}

/// One file whose environments have their data on different kinds of servers.
@Suite struct PlaceEnvironmentTests {
    private static let file = """
        version: 1
        brokers:
          events:
            provider: redis-streams
            url: "${DATA_URL}"
            sentinel: { password: "${SENTINEL_PASSWORD}" }
            address-map: { "10.0.0.5:6379": "redis-1.example:7001" }
        environments:
          development: { brokers: { events: { url: redis://127.0.0.1 } } }
          alone: { brokers: { events: { url: redis://127.0.0.1, sentinel: null, address-map: null } } }
          cluster: { brokers: { events: { url: redis+cluster://127.0.0.1, sentinel: null } } }
        """

    private func problems(_ environment: String?, _ url: String = "redis+sentinel://a,b/shop") -> [String] {
        ConfigurationLoader.inspect(
            Array(Self.file.utf8), file: "brokers.yaml", environment: environment,
            variables: ["DATA_URL": url, "SENTINEL_PASSWORD": "sesame"], factories: BuiltInProviders.factories
        ).problems.map { String("\($0)".prefix { $0 != "\n" }) }
    }

    @Test func theURLOfAnEnvironmentDecidesWhichOptionsItTakes() {
        #expect(problems(nil) == [])
        #expect(
            problems("development") == [
                "brokers.yaml:6:15: error: 'sentinel' in brokers.events is for a 'url' that begins with "
                    + "redis+sentinel://; where it begins with redis://, write 'sentinel: null'",
                "brokers.yaml:7:18: error: 'address-map' in brokers.events is for a 'url' of Sentinels or of a cluster; "
                    + "where it begins with redis://, write 'address-map: null'",
            ])
        #expect(problems("alone") == [])
        #expect(problems("cluster") == [])
    }

    @Test func aVariableWithAnotherKindOfURLIsToldTheSame() {
        #expect(
            problems(nil, "redis+cluster://:hunter2@a,b") == [
                "brokers.yaml:6:15: error: 'sentinel' in brokers.events is for a 'url' that begins with "
                    + "redis+sentinel://; where it begins with redis+cluster://, write 'sentinel: null'"
            ])
    }
}
