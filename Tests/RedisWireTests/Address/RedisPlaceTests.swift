// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import RedisWire
import Testing

/// URLs of Sentinels and of clusters, which have several hosts.
@Suite struct RedisPlaceTests {
    @Test(arguments: [
        ("redis+sentinel://h/shop", "redis+sentinel://h:26379/shop/0"),
        (
            "redis+sentinel://a,b:5000,[::1],[fe80::1%25]:26380/my.shop-1_a/",
            "redis+sentinel://a:26379,b:5000,[::1]:26379,[fe80::1%25]:26380/my.shop-1_a/0"
        ),
        ("redis+sentinel://app:p%40ss@a,b/shop/3", "redis+sentinel://***@a:26379,b:26379/shop/3"),
        ("rediss+sentinel://a,a:1/0", "rediss+sentinel://a:26379,a:1/0/0"),
        ("redis+cluster://h", "redis+cluster://h:6379"),
        (
            "redis+cluster://10.0.0.1,10.0.0.2:7000,[::1]:7001/",
            "redis+cluster://10.0.0.1:6379,10.0.0.2:7000,[::1]:7001"
        ),
        ("rediss+cluster://:p%2Cw@a,b/0", "rediss+cluster://***@a:6379,b:6379"),
    ])
    func readsAndShowsAllHostsWithoutSecrets(_ text: String, _ shown: String) throws {
        let url = try RedisURL(text)
        #expect(url.description == shown)
        #expect(String(reflecting: url) == shown)
    }

    @Test func readsExactly() throws {
        let sentinels = try RedisURL("rediss+sentinel://app:p%2Cw@One,[::1]:5000/shop/3")
        let addresses: [RedisAddress] = [.host("One", port: 26379), .host("::1", port: 5000)]
        #expect(sentinels.place == .sentinels(addresses, primary: "shop"))
        #expect(sentinels.isEncrypted)
        #expect(sentinels.username == "app")
        #expect(sentinels.password?.value == "p,w")
        #expect(sentinels.database == 3)
        #expect(sentinels.place.server == nil)

        let cluster = try RedisURL("redis+cluster://:p%2Cw@One,[::1]:7000")
        #expect(cluster.place == .cluster(seeds: [.host("One", port: 6379), .host("::1", port: 7000)]))
        #expect(!cluster.isEncrypted)
        #expect(cluster.username == nil)
        #expect(cluster.password?.value == "p,w")
        #expect(cluster.database == nil)
        #expect(try RedisURL("redis+cluster://h/0").database == 0)
        #expect(try RedisURL("redis+sentinel://h/shop").database == nil)
        #expect(try RedisURL("redis://h").place.server == .host("h", port: 6379))
    }

    @Test func aPlaceReadsAsPartOfASentence() throws {
        #expect(try "\(RedisURL("redis://[::1]").place)" == "[::1]:6379")
        #expect(try "\(RedisURL("unix:///run/redis.sock").place)" == "/run/redis.sock")
        #expect(try "\(RedisURL("redis+sentinel://a,b/shop").place)" == "the primary 'shop' of a:26379,b:26379")
        #expect(try "\(RedisURL("redis+cluster://a,b").place)" == "the cluster of a:6379,b:6379")
    }

    private static let sentinels = "'redis+sentinel://***' is no URL of Redis Sentinels: "
    private static let cluster = "'redis+cluster://***' is no URL of a Redis cluster: "

    @Test(arguments: [
        ("redis+sentinel://", sentinels + "the host is missing"),
        ("redis+sentinel:///shop", sentinels + "the host is missing"),
        ("redis+sentinel://app:pw@/shop", sentinels + "the host is missing"),
        ("redis+sentinel://h", sentinels + "the name of the primary is missing: redis+sentinel://host,host/name"),
        ("redis+sentinel://h/", sentinels + "the name of the primary is missing: redis+sentinel://host,host/name"),
        ("redis+sentinel://h//3", sentinels + "the name of the primary is missing: redis+sentinel://host,host/name"),
        ("redis+sentinel://h/my%20shop", sentinels + "the name of a primary has letters, digits, '.', '-' and '_'"),
        ("redis+sentinel://h/a,b", sentinels + "the name of a primary has letters, digits, '.', '-' and '_'"),
        ("redis+sentinel://h/shop/16", sentinels + "the database is a number from 0 to 15"),
        ("redis+sentinel://h/shop/0/1", sentinels + "the database is a number from 0 to 15"),
        ("redis+sentinel://h/shop?db=1", sentinels + "only unix:// takes '?' options; use keys beside 'url'"),
        ("redis+sentinel://a,b,/shop", sentinels + "host 3 is missing beside ','"),
        ("redis+sentinel://,a/shop", sentinels + "host 1 is missing beside ','"),
        ("redis+sentinel://a,,b/shop", sentinels + "host 2 is missing beside ','"),
        ("redis+sentinel://a,b:0/shop", sentinels + "host 2: the port is a number from 1 to 65535"),
        ("redis+sentinel://h:0/shop", sentinels + "the port is a number from 1 to 65535"),
        ("redis+sentinel://a,:1/shop", sentinels + "host 2: the host is missing"),
        ("redis+sentinel://[::1,b/shop", sentinels + "host 1: ']' is missing behind the address"),
        ("redis+sentinel://a,b,A:26379/shop", sentinels + "hosts 1 and 3 are the same"),
        (
            "redis+sentinel://a,u:pw@b/shop",
            sentinels
                + "',' in a user or password is written %2C, and user and password stand once, in front of the first host"
        ),
        (
            "redis+sentinel://u:pw@a,u:pw@b/shop",
            sentinels
                + "'@' in a user or password is written %40, and user and password stand once, in front of the first host"
        ),
        (
            "redis+sentinel://a,unix:///run/redis.sock",
            sentinels + "host 2 is a URL; a list takes hosts and ports only, and no socket"
        ),
        (
            "redis+sentinel://my host/shop",
            "'redis+sentinel://***' is no URL of Redis Sentinels: "
                + "it holds a character that must be percent-encoded, a space for instance"
        ),
        (
            "rediss+sentinel://h",
            "'rediss+sentinel://***' is no URL of Redis Sentinels: the name of the primary is missing: redis+sentinel://host,host/name"
        ),
    ])
    func refusesSentinelsWithAReason(_ text: String, _ message: String) {
        refuses(text, message)
    }

    @Test(arguments: [
        ("redis+cluster://", cluster + "the host is missing"),
        ("redis+cluster:///0", cluster + "the host is missing"),
        ("redis+cluster://a,b/1", cluster + "a cluster has database 0 only"),
        ("redis+cluster://a,b/00", cluster + "a cluster has database 0 only"),
        ("redis+cluster://a,b/shop", cluster + "a cluster has database 0 only"),
        ("redis+cluster://a,b/0/", cluster + "a cluster has database 0 only"),
        ("redis+cluster://a,b,", cluster + "host 3 is missing beside ','"),
        ("redis+cluster://a,b:65536", cluster + "host 2: the port is a number from 1 to 65535"),
        ("redis+cluster://a:,b", cluster + "host 1: the port is a number from 1 to 65535"),
        ("redis+cluster://[::1],[::1]:6379", cluster + "hosts 1 and 2 are the same"),
        ("redis+cluster://a,::1", cluster + "host 2: the host is missing"),
        (
            "redis+cluster://a;b",
            cluster + "a host has letters, digits, '.', '-' and '_'; an IPv6 address stands in '[' and ']'"
        ),
        (
            "redis+cluster://redis://a",
            cluster + "host 1 is a URL; a list takes hosts and ports only, and no socket"
        ),
        ("redis+cluster://a,/run/redis.sock", cluster + "host 2 is missing beside ','"),
        ("redis+cluster://u:@a,b", cluster + "the password is empty"),
        ("redis+cluster://u:p/w@a,b", cluster + "'/' and '?' in a user or password are written %2F and %3F"),
    ])
    func refusesClustersWithAReason(_ text: String, _ message: String) {
        refuses(text, message)
    }

    private func refuses(_ text: String, _ message: String) {
        let error = #expect(throws: RedisError.self) { try RedisURL(text) }
        #expect(error?.message == message)
        #expect(error?.code == .configuration)
    }

    @Test(arguments: [
        "redis+sentinel://user:hunter2/shop", "redis+sentinel://a,user:hunter2@b/shop",
        "redis+sentinel://user:hunter2@a,user:hunter2@b/shop", "redis+sentinel://a/hunter2!",
        "redis+cluster://a/hunter2",
        "redis+cluster://u:hunter2@a,a", "redis+cluster://u:hunter2@a,b,", "redis+cluster://hunter2:,b",
        "redis+cluster://u:hunter2@a,redis://b", "redis+hunter2://a",
    ])
    func noErrorShowsThePassword(_ text: String) {
        let error = #expect(throws: RedisError.self) { try RedisURL(text) }
        #expect(error.map { "\($0)\(String(reflecting: $0))".contains("hunter2") } == false)
    }

    @Test func aLinkDoesNotGuessWhichOfSeveralServersItLeadsTo() throws {
        let options = RedisOptions(url: try RedisURL("redis+cluster://app:hunter2@a,b"))
        let error = #expect(throws: RedisError.self) { try RedisLink(options, logger: Logger(label: "wire.tests")) }
        #expect(
            error?.message
                == "'redis+cluster://***@a:6379,b:6379' names several servers, and a connection leads to one")
    }
}
