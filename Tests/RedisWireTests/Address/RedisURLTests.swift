// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

@Suite struct RedisURLTests {
    @Test(arguments: [
        ("redis://h", "redis://h:6379/0"),
        ("redis://h/", "redis://h:6379/0"),
        ("redis://127.0.0.1:7000/15", "redis://127.0.0.1:7000/15"),
        ("rediss://redis.example.com:6380", "rediss://redis.example.com:6380/0"),
        ("redis://[::1]:6379/1", "redis://[::1]:6379/1"),
        ("redis://:p%40ss%2Fw%3Ard@h/2", "redis://***@h:6379/2"),
        ("redis://user:p:w@h", "redis://***@h:6379/0"),
        ("unix:///run/redis/redis.sock", "unix:///run/redis/redis.sock?db=0"),
        ("unix://u:p@/run/a%20b.sock?db=3", "unix://***@/run/a b.sock?db=3"),
    ])
    func readsAndShowsItWithoutSecrets(_ text: String, _ shown: String) throws {
        let url = try RedisURL(text)
        #expect(url.description == shown)
        #expect(String(reflecting: url) == shown)
    }

    @Test func decodesExactly() throws {
        let url = try RedisURL("redis://%C3%BCser%3A:p%40%2F%25%00%20@h")
        #expect(url.username == "üser:")
        #expect(url.password?.value == "p@/%\0 ")
        #expect(url.place == .server(.host("h", port: 6379)))
        #expect(url.database == nil)
        #expect(try RedisURL("redis://:pw@h").username == nil)
        #expect(try RedisURL("redis://me@h").password == nil)
        #expect(try RedisURL("redis://h/0").database == 0)
        #expect(try RedisURL("rediss://h").isEncrypted)
    }

    private static let schemes =
        "it begins with redis://, rediss://, redis+sentinel://, rediss+sentinel://, redis+cluster://, "
        + "rediss+cluster:// or unix://"

    @Test(arguments: [
        ("redis://h:99999", "'redis://***' is no URL of a Redis server: the port is a number from 1 to 65535"),
        ("redis://h:-1", "'redis://***' is no URL of a Redis server: the port is a number from 1 to 65535"),
        ("redis://h:0", "'redis://***' is no URL of a Redis server: the port is a number from 1 to 65535"),
        ("redis://h:abc", "'redis://***' is no URL of a Redis server: the port is a number from 1 to 65535"),
        ("redis://h:", "'redis://***' is no URL of a Redis server: the port is a number from 1 to 65535"),
        ("redis://", "'redis://***' is no URL of a Redis server: the host is missing"),
        ("redis:///1", "'redis://***' is no URL of a Redis server: the host is missing"),
        ("redis://:6379", "'redis://***' is no URL of a Redis server: the host is missing"),
        ("redis://user:pw@", "'redis://***' is no URL of a Redis server: the host is missing"),
        ("redis://user:pw@:6379", "'redis://***' is no URL of a Redis server: the host is missing"),
        ("http://h", "'***' is no URL of a Redis server: \(schemes)"),
        ("h:6379", "'***' is no URL of a Redis server: \(schemes)"),
        ("", "'***' is no URL of a Redis server: \(schemes)"),
        ("redis://[::1", "'redis://***' is no URL of a Redis server: ']' is missing behind the address"),
        ("redis://[h]", "'redis://***' is no URL of a Redis server: between '[' and ']' stands an IPv6 address"),
        ("redis://[::1]x", "'redis://***' is no URL of a Redis server: behind the host comes ':' and the port"),
        (
            "redis://::1",
            "'redis://***' is no URL of a Redis server: the host is missing"
        ),
        (
            "redis://my host",
            "'redis://***' is no URL of a Redis server: "
                + "it holds a character that must be percent-encoded, a space for instance"
        ),
        (
            " redis://h",
            "'***' is no URL of a Redis server: it holds a character that must be percent-encoded, a space for instance"
        ),
        (
            "redis://user:p@ss@h",
            "'redis://***' is no URL of a Redis server: '@' in a user or password is written %40"
        ),
        (
            "redis://user:p/ss@h",
            "'redis://***' is no URL of a Redis server: '/' and '?' in a user or password are written %2F and %3F"
        ),
        (
            "redis://user:%zz@h",
            "'redis://***' is no URL of a Redis server: "
                + "behind '%' come two hexadecimal digits; '%' itself is written %25"
        ),
        (
            "redis://user:abc%4@h",
            "'redis://***' is no URL of a Redis server: "
                + "behind '%' come two hexadecimal digits; '%' itself is written %25"
        ),
        (
            "redis://user:%ff@h",
            "'redis://***' is no URL of a Redis server: a percent-encoded part is not UTF-8"
        ),
        ("redis://user:@h", "'redis://***' is no URL of a Redis server: the password is empty"),
        (
            "redis://@h",
            "'redis://***' is no URL of a Redis server: there is neither a user nor a password before '@'"
        ),
        ("redis://h/x", "'redis://***' is no URL of a Redis server: the database is a number from 0 to 15"),
        ("redis://h/-1", "'redis://***' is no URL of a Redis server: the database is a number from 0 to 15"),
        ("redis://h/16", "'redis://***' is no URL of a Redis server: the database is a number from 0 to 15"),
        ("redis://h/0/1", "'redis://***' is no URL of a Redis server: the database is a number from 0 to 15"),
        (
            "redis://h?unknown=1",
            "'redis://***' is no URL of a Redis server: only unix:// takes '?' options; use keys beside 'url'"
        ),
        (
            "redis://:se#cret@h",
            "'redis://***' is no URL of a Redis server: "
                + "'#' in a user or password is written %23, and there are no fragments"
        ),
        ("unix://", "'unix://***' is no URL of a Redis server: the path of the socket is missing"),
        ("unix:///", "'unix://***' is no URL of a Redis server: the path of the socket is missing"),
        (
            "unix://run/redis.sock",
            "'unix://***' is no URL of a Redis server: a socket's path is absolute: unix:///path/of/socket"
        ),
        (
            "unix:///s?x=1",
            "'unix://***' is no URL of a Redis server: the only option of a unix:// URL is 'db'"
        ),
        (
            "redis://a,b",
            "'redis://***' is no URL of a Redis server: "
                + "redis:// takes one host; several need redis+sentinel:// or redis+cluster://"
        ),
        (
            "rediss://a:6379,b:6379/0",
            "'rediss://***' is no URL of a Redis server: "
                + "rediss:// takes one host; several need rediss+sentinel:// or rediss+cluster://"
        ),
        (
            "redis://h!",
            "'redis://***' is no URL of a Redis server: "
                + "a host has letters, digits, '.', '-' and '_'; an IPv6 address stands in '[' and ']'"
        ),
    ])
    func refusesWithAReason(_ text: String, _ message: String) {
        let error = #expect(throws: RedisError.self) { try RedisURL(text) }
        #expect(error?.message == message)
        #expect(error?.code == .configuration)
    }

    @Test(arguments: [
        "redis://user:hunter2", "redis://hunter2@", "redis://:hunter2/h@h", "redis://h:hunter2", "redis://h/hunter2",
        "redis://user:hunter2@h:x", "unix:///s?password=hunter2", "hunter2://h", "redis://u:hunter2 @h",
        "http://u:hunter2@h", "redis://a@b:hunter2@c", "redis://u:p@hunter2/x", "redis://hunter2#",
        "hunterII://hunter2",
        "redis://hunter2/x", "redis://u:p/@hunter2", "unix://hunter2", "redis://hunter2:", "rediss://hunter2?x",
    ])
    func noErrorShowsThePassword(_ text: String) {
        let error = #expect(throws: RedisError.self) { try RedisURL(text) }
        #expect(error.map { "\($0)\(String(reflecting: $0))".contains("hunter2") } == false)
    }

    @Test func aPasswordIsNeverPrinted() throws {
        let url = try RedisURL("redis://user:hunter2@h")
        var dumped = ""
        dump(url, to: &dumped)
        dump(RedisOptions(url: url), to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test func optionsAreCheckedWithoutAServer() throws {
        let options = RedisOptions(url: try RedisURL("redis://h"))
        try options.validate()
        let changes: [(inout RedisOptions) -> Void] = [
            { $0.connectTimeout = .zero }, { $0.commandTimeout = .seconds(100_000) }, { $0.byteBound = 0 },
            { $0.clientName = "" }, { $0.clientName = "two words" }, { $0.url.username = "me" },
            { $0.sentinel.username = "me" },
            {
                $0.url = RedisURL(.cluster(seeds: [.host("h", port: 6379)])); $0.url.database = 1
            },
        ]
        for change in changes {
            var changed = options
            change(&changed)
            #expect(throws: RedisError.self) { try changed.validate() }
        }
    }
}
