// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A new question on a connection that is open.
struct SentinelAsk: Sendable { let forPeers: Bool }

/// What a connection to a Sentinel brings, for whoever made it. Called on the event loop.
protocol SentinelListener: AnyObject, Sendable {
    /// It can be asked again.
    func opened(_ line: SentinelLine, _ channel: any Channel)
    /// It has answered.
    func replied(_ line: SentinelLine, _ replies: [RedisReply])
    /// It announces something.
    func announced(_ line: SentinelLine, _ event: SentinelEvent)
    /// It is lost, or was never made.
    func ended(_ line: SentinelLine, _ error: RedisError)
}

/// Which connection to which Sentinel: one that is made again has another number.
struct SentinelLine: Sendable, Hashable {
    let sentinel: RedisAddress
    let number: Int
}

/// The end of the pipeline of a connection to a Sentinel: logs in, asks, listens.
///
/// It lives on its event loop alone. Replies come in the order of the questions, announcements between them.
final class SentinelHandler: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// What a reply is due for. Closed by design.
    private enum Expected {
        case credentials
        case name
        case part(isLast: Bool)
    }

    private let options: RedisOptions
    private let line: SentinelLine
    private let primary: String
    private let reader: ReplyReader
    private weak var listener: (any SentinelListener)?
    private var first: SentinelAsk
    private var expected: [Expected] = []
    private var parts: [RedisReply] = []
    private var isListening = false
    private var isConnected = false
    private var isEnded = false

    init(
        _ options: RedisOptions, _ line: SentinelLine, primary: String, asking first: SentinelAsk, reader: ReplyReader,
        listener: any SentinelListener
    ) {
        self.options = options
        self.line = line
        self.primary = primary
        self.first = first
        self.reader = reader
        self.listener = listener
    }

    // MARK: Writing

    func channelActive(context: ChannelHandlerContext) {
        isConnected = true
        if let password = options.url.password {
            var auth = RedisCommands()
            auth.begin(options.url.username == nil ? 2 : 3, "AUTH", for: .anyNode)
            if let username = options.url.username { auth.add(username) }
            auth.add(password.value)
            send(auth, [.credentials], context)
        } else {
            introduce(context)
        }
        context.fireChannelActive()
    }

    private func introduce(_ context: ChannelHandlerContext) {
        send(RedisCommands("CLIENT", "SETNAME", options.clientName, for: .anyNode), [.name], context)
        ask(first, context)
        listener?.opened(line, context.channel)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let question = event as? SentinelAsk else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        ask(question, context)
        promise?.succeed()
    }

    private func ask(_ question: SentinelAsk, _ context: ChannelHandlerContext) {
        let commands = SentinelQuestion.commands(primary, forPeers: question.forPeers, isListening: isListening)
        let count = SentinelQuestion.replyCount(forPeers: question.forPeers)
        send(commands, (1...count).map { .part(isLast: $0 == count) }, context)
    }

    private func send(_ commands: RedisCommands, _ replies: [Expected], _ context: ChannelHandlerContext) {
        expected += replies
        context.writeAndFlush(wrapOutboundOut(commands.bytes), promise: nil)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(ReplyRefusal) {
            try unwrapInboundIn(data).withUnsafeReadableBytes { bytes throws(ReplyRefusal) in
                // Taken one by one: the tape may end with the beginning of another one.
                try reader.read(bytes) { () throws(ReplyRefusal) in
                    for reply in reader.take(1) where !isEnded { take(SentinelFrame(reply), context) }
                }
            }
        } catch { end(context, RedisError(error, of: unwrapInboundIn(data).readableBytesView)) }
    }

    private func take(_ frame: SentinelFrame, _ context: ChannelHandlerContext) {
        switch frame {
        case .event(let event): listener?.announced(line, event)
        case .confirmation: isListening = true
        case .reply(let reply):
            // The one error that nothing waits for is that of SUBSCRIBE: then there are only answers.
            if !expected.isEmpty { take(reply, for: expected.removeFirst(), context) }
        }
    }

    private func take(_ reply: RedisReply, for expected: Expected, _ context: ChannelHandlerContext) {
        switch expected {
        case .credentials: if let error = reply.error { end(context, RedisError(error)) } else { introduce(context) }
        case .name: break
        case .part(let isLast):
            parts.append(reply)
            guard isLast else { return }
            let replies = parts
            parts = []
            listener?.replied(line, replies)
        }
    }

    // MARK: The end

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(context, RedisError(transport: error)) }

    func channelInactive(context: ChannelHandlerContext) {
        end(context, RedisError(.connection, "the connection was lost"))
        context.fireChannelInactive()
    }

    private func end(_ context: ChannelHandlerContext, _ error: RedisError) {
        if isEnded { return }
        isEnded = true
        // Each address of a name is tried; the attempt itself reports that none can be reached.
        if isConnected { listener?.ended(line, error) }
        context.close(promise: nil)
    }
}
