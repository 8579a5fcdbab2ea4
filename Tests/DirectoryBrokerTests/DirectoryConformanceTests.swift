// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import DirectoryBroker
import Foundation
import Testing

/// The example keeps the promises it makes, on virtual time and with a second provider as another process would have.
@Suite struct DirectoryConformanceTests {
    @Test func keepsItsPromises() async throws {
        let report = await ConformanceSuite.run(.directory, atOnce: 4)
        print(report)
        try report.verify(skips: [
            "a dead letter leaves its group at once and for good",
            "forwarding stores its messages in order and removes the original",
            "a pattern consumes streams that exist and streams that appear",
            "a pattern leaves dead letters alone",
            "messages of a pattern are settled each in its stream",
            "a group is new until it is confirmed, for every consumer",
            "a pattern's group is new only in all its streams",
            "the latest entries come newest first",
            "a range has both its ends and keeps its limit",
            "a tail follows the stream",
            "a tail that waits ends with its time or its task",
            "statistics count what there is; what is not known is nil",
            "statistics leave out streams that do not exist",
            "purging empties a stream and keeps its groups",
            "a rewound group gets everything from there on once more",
            "a rewound group skips nothing",
            "rewinding to a time or the beginning",
            "rewinding disturbs no other group",
            "rewinding a group that does not exist is an error",
            "what is pending before the position stays as it is when a group is rewound",
            "what is pending behind the position comes once when a group is rewound",
            "receipts of before a rewinding settle safely",
            "moving an entry stores its message at the end of another stream and removes it",
            "moving an entry that is gone stores nothing",
            "two who move the same entries store each once",
            "a deleted stream is gone with its groups",
            "a stream that is in use is not deleted as idle",
            "forwarding to several streams stores each message in its own",
            "entries that are gone while pending are reported once",
            "a provider that works is ready",
            "active consumers of a group are named until they leave",
            "retention: hold trims what is settled and never anything else",
            "retention: hold trims nothing while a declared group is missing",
            "retention: cap keeps the bound and counts what it cost",
            "retention by age spares the young",
            "a bound on the dead letters is kept, and what that cost is counted",
            "what is gone and was pending behind the position leaves the group when it is rewound",
            "what was trimmed unsettled does not hold up the rest",
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
        ])
    }
}

extension ConformanceSubject {
    static let directory = ConformanceSubject("directory") {
        let virtual = VirtualTime()
        var time = TimeControl.virtual(virtual, visibility: .seconds(3))
        // The directory is looked at every 20 ms.
        time.tolerance = .milliseconds(45)
        let path = temporaryPath()
        return ConformanceBackend(
            time: time, provider: try provider(over: path, clock: virtual.clock),
            peer: try provider(over: path, clock: virtual.clock),
            dispose: { try? FileManager.default.removeItem(atPath: path) })
    }
}
