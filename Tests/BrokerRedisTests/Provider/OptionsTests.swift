// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Logging
import RedisWire
import Synchronization
import Testing

/// The options of a broker on Redis: what is read, what is refused, and what is never shown.
@Suite struct OptionsTests {
    private func options(_ text: String) throws -> RedisStreamsOptions {
        try #require(try OptionsFixture.provider(text)).options
    }

    @Test func aURLIsEnough() throws {
        let options = try options(OptionsFixture.url)
        #expect(options.connection.url == (try RedisURL("redis://127.0.0.1:6379")))
        #expect(options.connection.clientName == "streambroker:events")
        #expect(options.connection.connectTimeout == .seconds(30))
        #expect(options.connection.commandTimeout == .seconds(5))
        #expect(options.connection.tls == TLSOptions())
        #expect(options.prefix == "")
        #expect(options.maximumConnections == 64)
        #expect(!options.requiresNoEviction)
    }

    @Test func everyKeyArrivesWhereItBelongs() throws {
        let options = try options(
            """
            url: rediss://redis.example.com:7000
            username: app
            password: hunter2
            database: 3
            wait-for-login: true
            client-name: shop
            prefix: "app:"
            tls: { server-name: other.example.com, verify: none }
            connect-timeout: 20s
            command-timeout: 750ms
            max-connections: 9
            require: { noeviction: true }
            """)
        let connection = options.connection
        #expect(connection.url.place == .server(.host("redis.example.com", port: 7000)))
        #expect(connection.url.username == "app")
        #expect(connection.url.password?.value == "hunter2")
        #expect(connection.url.database == 3)
        #expect(connection.clientName == "shop:events")
        #expect(connection.connectTimeout == .seconds(20))
        #expect(connection.commandTimeout == .milliseconds(750))
        #expect(connection.tls.serverName == "other.example.com")
        #expect(connection.tls.verification == .none)
        #expect(options.prefix == "app:")
        #expect(options.maximumConnections == 9)
        #expect(options.requiresNoEviction)
        #expect(options.waitsForLogin)
    }

    @Test func whatTheURLSaysHolds() throws {
        let url = try options("url: redis://app:hunter2@h/4").connection.url
        #expect(url.username == "app")
        #expect(url.password?.value == "hunter2")
        #expect(url.database == 4)
        #expect(
            try options("url: unix:///tmp/redis.sock").connection.url.place
                == .server(.socket(path: "/tmp/redis.sock")))
    }

    @Test func theAddressShowsNoSecret() throws {
        let provider = try OptionsFixture.provider("url: redis://app@h:7000/4\npassword: hunter2")
        #expect(provider?.address == "redis://***@h:7000/4")
    }

    static let mistakes: [(String, [String])] = [
        ("x-note: none", ["3:3: error: 'url' is missing in brokers.events"]),
        ("urll: redis://h", ["5:5: error: unknown key 'urll' in brokers.events; did you mean 'url'?"]),
        (
            "url: redis://h:99999",
            ["5:10: error: 'url' in brokers.events is no URL of a Redis server: the port is a number from 1 to 65535"]
        ),
        (
            "url: http://h",
            [
                "5:10: error: 'url' in brokers.events is no URL of a Redis server: it begins with redis://, rediss://, "
                    + "redis+sentinel://, rediss+sentinel://, redis+cluster://, rediss+cluster:// or unix://"
            ]
        ),
        ("url: [a]", ["5:10: error: 'url' in brokers.events takes text; found a list"]),
        (
            "url: redis://app:pw@h/2\nusername: app\npassword: pw\ndatabase: 2",
            [
                "6:15: error: 'username' in brokers.events is in the 'url' too; say it once",
                "7:15: error: 'password' in brokers.events is in the 'url' too; say it once",
                "8:15: error: 'database' in brokers.events is in the 'url' too; say it once",
            ]
        ),
        (
            "url: redis://h\nusername: app",
            ["6:15: error: 'username' in brokers.events names a user without a password"]
        ),
        ("url: redis://app@h", ["5:10: error: 'url' in brokers.events names a user without a password"]),
        (
            "url: redis://h\npassword: ''",
            ["6:15: error: 'password' in brokers.events is empty; leave it out when there is none"]
        ),
        (
            "url: redis://h\ndatabase: 16",
            ["6:15: error: 'database' in brokers.events takes a whole number from 0 to 15; found '16'"]
        ),
        (
            "url: redis://h\nclient-name: my shop",
            ["6:18: error: 'client-name' in brokers.events takes printable ASCII characters without spaces"]
        ),
        (
            "url: redis://h\nprefix: '{app}:'",
            ["6:13: error: 'prefix' in brokers.events takes up to 64 letters, digits, '.', '_', '-', ':'"]
        ),
        (
            "url: redis://h\nconnect-timeout: 1ms\ncommand-timeout: 5",
            [
                "6:22: error: 'connect-timeout' in brokers.events takes a duration from 10ms to 1h, such as 30s; "
                    + "found '1ms'",
                "7:22: error: 'command-timeout' in brokers.events takes a duration from 10ms to 1h, such as 30s; "
                    + "found '5', a number without a unit",
            ]
        ),
        (
            "url: redis://h\nmax-connections: 3",
            ["6:22: error: 'max-connections' in brokers.events takes a whole number from 4 to 10000; found '3'"]
        ),
        (
            "url: redis://h\nrequire: { noevicton: true }",
            [
                "6:16: error: unknown key 'noevicton' in brokers.events.require; did you mean 'noeviction'?"
            ]
        ),
        (
            "url: redis://h\ntls: { verify: full }",
            ["6:10: error: 'tls' in brokers.events needs a 'url' that begins with rediss://"]
        ),
        (
            "url: rediss://h\ntls: { verify: yes, sever-name: h }",
            [
                "6:20: error: 'verify' in brokers.events.tls takes one of full, none; found 'yes'",
                "6:25: error: unknown key 'sever-name' in brokers.events.tls; did you mean 'server-name'?",
            ]
        ),
        (
            "url: rediss://h\ntls: { certificate: /no/such/client.pem }",
            ["6:25: error: 'certificate' in brokers.events.tls needs 'key' beside it"]
        ),
        (
            "url: rediss://h\ntls: { ca: /no/such/ca.pem }",
            ["6:10: error: 'tls' in brokers.events: '/no/such/ca.pem' cannot be read as PEM"]
        ),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsNamedWithItsPlace(_ options: String, _ problems: [String]) {
        #expect(OptionsFixture.problems(options) == problems)
    }

    @Test(arguments: [
        "url: redis://app:hun ter2@h", "url: redis://app:hunter2@h:0", "url: http://app:hunter2@h",
        "url: redis://app:hun#ter2@h/hunter2", "url: redis://app:hunter2@h/x", "url: redis://h\npassword: [hunter2]",
        "url: redis://app:hunter2@h\npassword: hunter2", "url: '${URL}'", "url: redis://h\ndatabase: '${URL}'",
    ])
    func noProblemShowsASecret(_ options: String) {
        let text = OptionsFixture.text(options, variables: ["URL": "redis://hunter2:99999"])
        #expect(text.contains("error"))
        #expect(!text.contains("ter2"), "\(text)")
    }

    @Test func theResolvedViewShowsNoSecret() {
        let shown = OptionsFixture.shown("url: redis://app@h\npassword: hunter2")
        #expect(shown["url"] == "***")
        #expect(shown["password"] == "***")
        #expect(shown["max-connections"] == "64")
        let variable = OptionsFixture.shown("url: '${URL}'", variables: ["URL": "redis://:hunter2@h"])
        #expect(variable["url"] == "***")
    }

    @Test func theTableHasExactlyTheKeysThatAreAskedFor() {
        let sections: Set<String> = ["tls", "sentinel", "sentinel.tls", "require", "provider", ""]
        let asked = OptionsFixture.asked(OptionsFixture.url).subtracting(sections)
        #expect(asked == Set(RedisBrokerKeys.all.map(\.name)))
    }

    @Test func theDefaultsOfTheTableAreThoseThatHold() {
        let shown = OptionsFixture.shown(OptionsFixture.url)
        let written = RedisBrokerKeys.all.filter {
            !["none", "required"].contains($0.standard) && !$0.standard.contains("'")
        }
        for key in written where key.name != "database" {
            #expect(shown[key.name] == key.standard, "\(key.name)")
        }
    }

    @Test func aCertificateThatIsNotVerifiedIsWarnedAboutAtEachStart() throws {
        let log = LogLines()
        let text = "url: rediss://app:hunter2@h\ntls: { verify: none }"
        for _ in 0..<2 { _ = try OptionsFixture.provider(text, logger: log.logger) }
        #expect(log.lines.count { $0.contains("warning") && $0.contains("anybody can pose as the server") } == 2)
        #expect(!log.lines.contains { $0.contains("hunter2") })
        _ = try OptionsFixture.provider("url: rediss://h", logger: log.logger)
        #expect(log.lines.count == 2)
    }
}
