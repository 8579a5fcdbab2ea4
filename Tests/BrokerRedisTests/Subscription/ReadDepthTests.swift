// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import Testing

/// How many messages of each stream a read asks for.
@Suite struct ReadDepthTests {
    /// The depth after full reads: as many messages as there was room for.
    private func depth(afterFullReads reads: Int, room: Int) -> ReadDepth {
        var depth = ReadDepth()
        for _ in 0..<reads { depth.didRead(room, of: room) }
        return depth
    }

    @Test func atFirstAReadNamesAsManyStreamsAsItHasRoomFor() {
        #expect((1...300).allSatisfy { ReadDepth().breadth($0) == $0 })
    }

    @Test func whileReadsAreFullEachNamesFewerStreams() {
        let breadths = (0...7).map { depth(afterFullReads: $0, room: 256).breadth(256) }
        #expect(breadths == [256, 128, 64, 32, 16, 8, 4, 4])
    }

    @Test func aReadNeverNamesMoreStreamsThanItHasRoomFor() {
        let depth = depth(afterFullReads: 4, room: 256)
        #expect((1...300).allSatisfy { depth.breadth($0) <= $0 })
    }

    @Test func smallRoomsAreSharedByFourStreams() {
        #expect([3, 16, 40, 256, 512].map { depth(afterFullReads: 9, room: 40).breadth($0) } == [3, 4, 4, 4, 8])
    }

    @Test func whenStreamsHaveLittleAReadNamesMoreOfThemAgain() {
        var depth = depth(afterFullReads: 4, room: 256)
        var breadths: [Int] = []
        for _ in 0..<4 {
            depth.didRead(3, of: 256)
            breadths.append(depth.breadth(256))
        }
        #expect(breadths == [32, 64, 128, 256])
        depth.didRead(0, of: 256)
        #expect(depth == ReadDepth())
    }

    @Test func aFullReadIntoLittleRoomIsFull() {
        var depth = depth(afterFullReads: 6, room: 256)
        let before = depth
        depth.didRead(40, of: 40)
        #expect(depth == before)
    }

    @Test func aReadThatBringsAHalfChangesNothing() {
        var depth = depth(afterFullReads: 2, room: 256)
        let before = depth
        depth.didRead(128, of: 256)
        #expect(depth == before)
    }
}
