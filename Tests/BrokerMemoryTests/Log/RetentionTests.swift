// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import Testing

@Suite struct RetentionTests {
    private func request(_ retention: RetentionPolicy, _ groups: GroupName...) -> MaintenanceRequest {
        let selection = StreamSelection.stream("orders")
        return MaintenanceRequest(streams: [.init(selection: selection, retention: retention, groups: groups)])
    }

    private func filled(_ count: Int, _ scene: inout LogScene) {
        scene.publish((0..<count).map { Message(Payload("\($0)")) })
    }

    @Test func holdTrimsUpToTheSlowestGroupAndNamesIt() {
        var scene = LogScene()
        let (fast, slow) = (scene.join("one", group: "fast"), scene.join("two", group: "slow"))
        filled(10, &scene)
        for message in scene.receive(fast).messages { _ = scene.settle(fast, message, .ack) }
        let held = scene.receive(slow, 5).messages
        for message in held[..<3] { _ = scene.settle(slow, message, .ack) }
        let request = request(RetentionPolicy(maximumLength: 2), "fast", "slow")
        let report = scene.log.maintain(request, at: scene.time.timestamp)
        let expected = MaintenanceReport(trimmed: 3, held: [.init(stream: "orders", group: "slow", excess: 5)])
        #expect(report == expected)
        #expect(scene.length() == 7)
    }

    @Test func holdTrimsNothingWhileADeclaredGroupIsMissingOrNoGroupExists() {
        var scene = LogScene()
        filled(5, &scene)
        let bound = RetentionPolicy(maximumLength: 2)
        let without = scene.log.maintain(request(bound), at: scene.time.timestamp)
        #expect(without == MaintenanceReport(held: [.init(stream: "orders", group: nil, excess: 3)]))
        let subscription = scene.join("one")
        for message in scene.receive(subscription).messages { _ = scene.settle(subscription, message, .ack) }
        let missing = scene.log.maintain(request(bound, "billing", "absent"), at: scene.time.timestamp)
        #expect(missing == MaintenanceReport(held: [.init(stream: "orders", group: "absent", excess: 3)]))
        let complete = scene.log.maintain(request(bound, "billing"), at: scene.time.timestamp)
        #expect(complete == MaintenanceReport(trimmed: 3))
    }

    @Test func whatIsOlderThanTheBoundGoes() {
        var scene = LogScene()
        let subscription = scene.join("one")
        filled(3, &scene)
        scene.advance(.seconds(10))
        filled(2, &scene)
        for message in scene.receive(subscription).messages { _ = scene.settle(subscription, message, .ack) }
        let request = request(RetentionPolicy(maximumAge: .seconds(10)), "billing")
        #expect(scene.log.maintain(request, at: scene.time.timestamp) == MaintenanceReport())
        scene.advance(.milliseconds(1))
        #expect(scene.log.maintain(request, at: scene.time.timestamp) == MaintenanceReport(trimmed: 3))
    }

    @Test func capTrimsOnPublishingAndCountsWhatWasLost() {
        let cap = RetentionPolicy(maximumLength: 4, mode: .cap)
        var scene = LogScene(declared: [StreamConfiguration("ord*", retention: cap)])
        let subscription = scene.join("one")
        filled(4, &scene)
        let held = scene.receive(subscription, 3).messages
        _ = scene.settle(subscription, held[0], .ack)
        _ = scene.settle(subscription, held[2], .ack)
        filled(4, &scene)
        #expect(scene.length() == 4)
        let report = scene.log.maintain(request(cap), at: scene.time.timestamp)
        #expect(report == MaintenanceReport(trimmed: 2, lost: 2))
        #expect(scene.log.maintain(request(cap), at: scene.time.timestamp) == MaintenanceReport())
        #expect(scene.group()?.lag == 4)
        scene.advance(.seconds(30))
        #expect(scene.receive(subscription).missing.map(\.id) == [held[1].receipt.id])
    }

    @Test func capOfAMaintainedStreamGivesUpUnsettledEntriesByAge() {
        var scene = LogScene()
        _ = scene.join("one")
        filled(3, &scene)
        scene.advance(.seconds(10))
        let request = request(RetentionPolicy(maximumAge: .seconds(1), mode: .cap))
        #expect(scene.log.maintain(request, at: scene.time.timestamp) == MaintenanceReport(lost: 3))
    }
}
