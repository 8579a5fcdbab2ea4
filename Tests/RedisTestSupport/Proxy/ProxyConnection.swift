// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisWire

/// One client's way to the server and back. Lives on one event loop.
final class ProxyConnection {
    private let proxy: RedisProxy
    private let number: Int
    private let client: any Channel
    var server: (any Channel)?

    private let commands = ReplyReader(limits: ReplyLimits())
    /// The commands that are not answered yet.
    private var waiting: [[String]] = []
    private var replies = ByteBuffer()
    private var isHeld = false
    /// What the client has sent and the server has not got.
    private var outgoing = ByteBuffer()

    init(_ proxy: RedisProxy, _ number: Int, _ client: any Channel) {
        self.proxy = proxy
        self.number = number
        self.client = client
    }

    /// Commands are passed on at once, unless they get lost.
    func received(fromClient bytes: ByteBuffer) {
        outgoing.writeImmutableBuffer(bytes)
        passOnCommands()
    }

    /// The line is whole again, or not.
    func passOnWhatWaits() {
        passOnCommands()
        passOn()
    }

    private func passOnCommands() {
        guard outgoing.readableBytes > 0, !proxy.lost.contains(.toServer) else { return }
        let bytes = outgoing
        outgoing = ByteBuffer()
        bytes.withUnsafeReadableBytes { bytes in
            // Commands are arrays of texts, so the reader of replies reads them.
            try? commands?.read(bytes) { () throws(ReplyRefusal) in
                for command in commands?.take(1).map({ $0 }) ?? [] { note(command.elements.map { $0.string ?? "" }) }
            }
        }
        server?.writeAndFlush(bytes, promise: nil)
    }

    func received(fromServer bytes: ByteBuffer) {
        replies.writeImmutableBuffer(bytes)
        passOn()
    }

    func end() {
        client.close(promise: nil)
        server?.close(promise: nil)
    }

    private func note(_ command: [String]) {
        waiting.append(command)
        proxy.note(command)
    }

    private func passOn() {
        while !isHeld, !proxy.lost.contains(.toClient), !waiting.isEmpty,
            let frame = FrameScanner.takeFrame(from: &replies)
        {
            let effect = exchange(waiting.removeFirst(), frame).flatMap { proxy.effect(on: $0) }
            switch effect {
            case nil: client.writeAndFlush(frame, promise: nil)
            case .stall: isHeld = true
            case .cut(let perMille): cut(frame, perMille)
            case .delay(let duration): delay(frame, duration)
            case .late(let duration): late(frame, duration)
            case .drip(let rate): drip(frame, rate)
            }
        }
    }

    private func exchange(_ command: [String], _ frame: ByteBuffer) -> ProxyExchange? {
        guard let reader = ReplyReader(limits: ReplyLimits()) else { return nil }
        var reply: RedisReply?
        frame.withUnsafeReadableBytes { bytes in
            try? reader.read(bytes) { () throws(ReplyRefusal) in reply = reader.take(1)[0] }
        }
        return reply.map { ProxyExchange(connection: number, command: command, reply: $0) }
    }

    private func cut(_ frame: ByteBuffer, _ perMille: Int) {
        isHeld = true
        let part = frame.getSlice(at: frame.readerIndex, length: frame.readableBytes * perMille / 1000)
        let flushed = client.eventLoop.makePromise(of: Void.self)
        let this = NIOLoopBound(self, eventLoop: client.eventLoop)
        flushed.futureResult.whenComplete { _ in this.value.end() }
        client.writeAndFlush(part ?? ByteBuffer(), promise: flushed)
    }

    private func delay(_ frame: ByteBuffer, _ duration: Duration) {
        isHeld = true
        let this = NIOLoopBound(self, eventLoop: client.eventLoop)
        client.eventLoop.scheduleTask(in: TimeAmount(duration)) {
            this.value.isHeld = false
            this.value.client.writeAndFlush(frame, promise: nil)
            this.value.passOn()
        }
    }

    private func late(_ frame: ByteBuffer, _ duration: Duration) {
        let client = NIOLoopBound(client, eventLoop: client.eventLoop)
        client.eventLoop.scheduleTask(in: TimeAmount(duration)) {
            client.value.writeAndFlush(frame, promise: nil)
        }
    }

    private func drip(_ frame: ByteBuffer, _ rate: Int) {
        isHeld = true
        var rest = frame
        guard let part = rest.readSlice(length: min(rest.readableBytes, max(1, rate / 20))), part.readableBytes > 0
        else {
            isHeld = false
            return passOn()
        }
        client.writeAndFlush(part, promise: nil)
        let left = NIOLoopBound((this: self, rest: rest), eventLoop: client.eventLoop)
        client.eventLoop.scheduleTask(in: .milliseconds(50)) { left.value.this.drip(left.value.rest, rate) }
    }
}

/// One of the two sockets of a connection.
final class ProxyEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    enum Side { case client, server }

    private let side: Side
    private let connection: ProxyConnection

    init(_ side: Side, _ connection: ProxyConnection) {
        self.side = side
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch side {
        case .client: connection.received(fromClient: unwrapInboundIn(data))
        case .server: connection.received(fromServer: unwrapInboundIn(data))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.end()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.end()
    }
}
