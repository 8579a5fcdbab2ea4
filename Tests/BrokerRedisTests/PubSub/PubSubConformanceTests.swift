// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import Testing

/// Pub/Sub keeps what it promises, on a real server and in real time; what it does not promise is listed.
@Suite(.inRealTime) struct PubSubConformanceTests {
    /// What asks for more than Pub/Sub promises, which is fan-out: no shared groups, no redelivery, no past.
    static let skips: Set<String> = [
        "messages published before a group exists arrive",
        "consumers of a group share its messages, each exactly once",
        "groups are independent under retry",
        "a message is not delivered again while its lease lasts",
        "groups made by many at once are one group",
        "consumers that come and go lose nothing",
        "consumers that close all at once lose nothing",
        "what failing consumers leave comes to a clean one",
        "closing a subscription leaves its leases until they expire",
        "a failed message comes again until it is acknowledged",
        "a retry comes when its delay is over, neither early nor late",
        "a waiting receive is woken by a due retry",
        "retries due at the same time keep the order of the stream",
        "a release does not count, a retry does",
        "a release comes when its delay is over, neither early nor late",
        "renewing counts and keeps the lease",
        "a retry that waits comes to whoever is there",
        "a retry that is due is leased to one consumer only",
        "an expired lease is taken over, not before its time and not late",
        "attempts are kept across crashes",
        "extending keeps leases without counting",
        "the messages of a lost reply come back to the same consumer",
        "an entry that was taken over is leased to one consumer only",
        "tokens rise with every lease",
        "a lost lease can no longer retry, release, renew, dead-letter, forward or extend",
        "an ack is taken from whoever sends it, within the epoch",
        "what a former holder has acknowledged is not leased again, and what is held stays as it is",
        "an ack of another epoch is void",
        "a settlement that is repeated returns settled and changes nothing",
        "a repeated retry keeps its time",
        "there is one outcome for each settlement, in order",
        "a receive brings at most one suspect, and none when it may not",
        "a message whose retry was due is no suspect",
        "suspects do not hide what else has expired",
        "expired and due messages take at most a quarter each while there are new ones",
        "with a limit of one, new, expired and due messages take turns",
        "what one source leaves, the others take",
        "a dead letter has the whole message and says where it comes from and why",
        "a dead letter leaves its group at once and for good",
        "the id that is told of a dead letter is its own",
        "dead letters go to the configured stream",
        "each group writes its own dead letter",
        "a dead letter that is given back and given up again says its own cause",
        "a bound on the dead letters is kept, and what that cost is counted",
        "a dead letter that comes back is handled as it was published",
        "a message that is put back for one group is handled by no other",
        "moving an entry stores its message at the end of another stream and removes it",
        "moving an entry that is gone stores nothing",
        "two who move the same entries store each once",
        "forwarding stores its messages in order and removes the original",
        "forwarding nothing is an ack",
        "a new group receives old messages",
        "a group behind an id begins with the next entry",
        "a group at a time begins with what was stored then or later",
        "where to start changes nothing for a group that exists",
        "a pattern leaves dead letters alone",
        "messages of a pattern are settled each in its stream",
        "the latest entries come newest first",
        "a range has both its ends and keeps its limit",
        "a tail follows the stream",
        "a tail that waits ends with its time or its task",
        "statistics count what there is; what is not known is nil",
        "purging empties a stream and keeps its groups",
        "entries that are gone while pending are reported once",
        "active consumers of a group are named until they leave",
        "retention: hold trims what is settled and never anything else",
        "retention: hold trims nothing while a declared group is missing",
        "retention: cap keeps the bound and counts what it cost",
        "retention by age spares the young",
        "a connection cut at a third and at half loses nothing",
        "a flaky connection, failing handlers and vanishing consumers lose nothing",
        "a failing handler is tried as often as the policy says, then its message is a dead letter",
        "a rejected message is a dead letter at once",
        "ordering: none runs handlers in parallel",
        "ordering: key keeps the order of a key, also through retries",
        "ordering: stream runs one at a time, also through retries",
        "a handler that takes too long is cancelled and tried again",
        "settlements whose reply is lost are sent again, and nothing runs twice",
        "a handler that runs for three visibility timeouts keeps its message",
        "messages that wait behind slow handlers keep their first attempt",
        "a handler whose lease is lost is cancelled",
        "a message that kills its consumers is dead-lettered alone",
        "a drain lets handlers finish and hands back what has not begun",
        "a drain cancels handlers that take too long and refunds their attempt",
        "a deleted stream is gone with its groups",
        "a rewound group gets everything from there on once more",
        "a rewound group skips nothing",
        "a stream that is in use is not deleted as idle",
        "forwarding to several streams stores each message in its own",
        "receipts of before a rewinding settle safely",
        "rewinding a group that does not exist is an error",
        "rewinding disturbs no other group",
        "rewinding to a time or the beginning",
        "what is pending before the position stays as it is when a group is rewound",
        "what is pending behind the position comes once when a group is rewound",
        "what is gone and was pending behind the position leaves the group when it is rewound",
        "what was trimmed unsettled does not hold up the rest",
        "with a limit of one, a call that does not wait gets what is due",
        "a lease that was given up is settled, whatever is asked of it then",
        "a group is new until it is confirmed, for every consumer",
        "a pattern's group is new only in all its streams",
        "a message that is published again with its id is stored once",
        "an id that comes twice in a batch is stored once, and the others keep their order",
        "an id belongs to its stream",
        "of many who publish an id at once, one stores it",
        "an id is known although its entry is gone",
        "an id that its publisher has not given is never taken for known",
        "an id is forgotten when its window is over, and not before",
        "the newest ids are known, as many as the bound says",
        "a stream that is deleted takes its ids with it",
        "forwarding stores an output with a known id once and removes the original",
    ]

    /// What needs a pattern, which sharded channels do not have.
    static let patterns: Set<String> = ["a pattern consumes streams that exist and streams that appear"]

    @Test(arguments: [RedisChannels.Kind.classic, .sharded])
    func keepsWhatItPromises(channels: RedisChannels.Kind) async throws {
        let recorder = RouteRecorder()
        let skips = channels == .sharded ? Self.skips.union(Self.patterns) : Self.skips
        try await RedisServer.with { server in
            let subject = Self.subject("redis-pubsub, \(channels)", hasPeer: true) {
                try Self.provider(server, $0, channels, recorder)
            }
            let report = await ConformanceSuite.run(subject, atOnce: 24)
            print(report)
            try report.verify(skips: skips)
            #expect(report.passed.count + skips.count == ConformanceCheck.all.count)
        }
        #expect(recorder.complaints == [])
        #expect(recorder.seen.isSuperset(of: channels == .sharded ? ["SSUBSCRIBE", "SPUBLISH"] : ["PUBLISH"]))
        #expect(recorder.seen.isDisjoint(with: channels == .sharded ? ["SUBSCRIBE", "PUBLISH"] : ["SPUBLISH"]))
    }

    /// The same on a cluster of three primaries and three replicas, by its URL.
    @Test(arguments: [RedisChannels.Kind.classic, .sharded])
    func keepsItOnACluster(channels: RedisChannels.Kind) async throws {
        let url = try await RedisCluster.shared().url
        let skips = channels == .sharded ? Self.skips.union(Self.patterns) : Self.skips
        // Six servers on a small machine take their time.
        let subject = Self.subject(
            "redis-pubsub on a cluster, \(channels)", hasPeer: true, tolerance: .seconds(3)
        ) { clock in
            var options = RedisPubSubOptions(connection: RedisOptions(url: try RedisURL(url)))
            options.channels = channels
            return try RedisPubSubProvider(options, clock: clock, logger: Logger(label: "conformance"))
        }
        let report = await ConformanceSuite.run(subject, atOnce: 6)
        print(report)
        try report.verify(skips: skips)
    }

    /// What needs that a message is there as soon as it is published, or without anybody who listens.
    private static let needingMore: Set<String> = [
        "consumers that come and go lose nothing",
        "consumers that close all at once lose nothing",
        "what failing consumers leave comes to a clean one",
        "expired and due messages take at most a quarter each while there are new ones",
        "with a limit of one, new, expired and due messages take turns",
        "a message that kills its consumers is dead-lettered alone",
    ]

    /// Within one process groups share, retries come and dead letters are kept: there the buffer has the rules of memory.
    @Test func worksWithinOneProcessLikeMemory() async throws {
        try await RedisServer.with { server in
            let more: BrokerCapabilities = [.sharedGroups, .redelivery, .atomicDeadLetter]
            let subject = Self.subject("redis-pubsub, within one process", hasPeer: false) { clock in
                BoastfulProvider(try Self.provider(server, clock), promising: more)
            }
            let promised = more.union(RedisPubSubProvider.promises)
            let checks = ConformanceCheck.all.filter { check in
                check.needs.isSubset(of: promised) && check.abilities.isEmpty && !Self.needingMore.contains(check.name)
            }
            let report = await ConformanceSuite.run(subject, checks: checks, atOnce: 24)
            print(report)
            try report.verify(skips: [])
            #expect(report.passed.count > 60)
        }
    }

    private static func provider(
        _ server: RedisServer, _ clock: any BrokerClock, _ channels: RedisChannels.Kind = .classic,
        _ recorder: RouteRecorder? = nil
    ) throws -> RedisPubSubProvider {
        var options = RedisPubSubOptions(connection: RedisOptions(url: try RedisURL(server.socketURL)))
        options.connection.observer = recorder
        options.channels = channels
        return try RedisPubSubProvider(options, clock: clock, logger: Logger(label: "conformance"))
    }

    static func subject(
        _ name: String, hasPeer: Bool, tolerance: Duration = .milliseconds(500),
        provider: @escaping @Sendable (any BrokerClock) throws -> any BrokerProvider
    ) -> ConformanceSubject {
        let numbers = Counter()
        return ConformanceSubject(name) {
            let time = TimeControl.real(
                visibility: .milliseconds(1500), tolerance: tolerance, limit: .seconds(120))
            return ConformanceBackend(
                time: time, provider: try provider(time.clock), peer: hasPeer ? try provider(time.clock) : nil,
                suffix: "-\(numbers.add(1))")
        }
    }
}
