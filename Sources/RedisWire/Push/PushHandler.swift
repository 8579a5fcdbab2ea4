// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore
import NIOSSL

/// The end of a push connection's pipeline: does the handshake, writes requests about topics, reads frames.
///
/// It lives on its event loop alone. The server replies to requests in their order; messages come between the replies.
/// A connection that is silent for a while gets a PING, and is closed if there is no reply.
final class PushHandler: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What a reply is due for. Closed by design.
    private enum Expected {
        case credentials
        case name
        case ping
        case role
        case otherRole
        case topic(PushRequest)
        case keepAlive
    }

    private let options: RedisOptions
    private let number: Int
    private let reader: ReplyReader
    private weak var link: PushLink?
    private var expected = Deque<Expected>()
    private var isConnected = false
    private var isReady = false
    private var hasRead = true
    private var isEnded = false
    private var timer: Scheduled<Void>?
    private var check: RepeatedTask?

    init(_ options: RedisOptions, number: Int, reader: ReplyReader, link: PushLink) {
        self.options = options
        self.number = number
        self.reader = reader
        self.link = link
    }

    // MARK: Handshake

    func channelActive(context: ChannelHandlerContext) {
        isConnected = true
        setTimer(context, after: options.connectTimeout)
        if let password = options.url.password {
            var auth = RedisCommands()
            auth.begin(options.url.username == nil ? 2 : 3, "AUTH", for: .anyNode)
            if let username = options.url.username { auth.add(username) }
            auth.add(password.value)
            // Sent alone: if it is refused, nothing may run as the server's default user.
            send(auth, [.credentials], context)
        } else {
            introduce(context)
        }
        context.fireChannelActive()
    }

    private func introduce(_ context: ChannelHandlerContext) {
        var commands = RedisCommands("CLIENT", "SETNAME", options.clientName, for: .anyNode)
        commands.begin(1, "PING", for: .anyNode)
        if options.provesPrimary { PrimaryProof.addQuestion(to: &commands) }
        send(commands, options.provesPrimary ? [.name, .ping, .role] : [.name, .ping], context)
    }

    private func send(_ commands: RedisCommands, _ replies: [Expected], _ context: ChannelHandlerContext) {
        expected.append(contentsOf: replies)
        options.observer?.willSend(commands)
        context.writeAndFlush(wrapOutboundOut(commands.bytes), promise: nil)
    }

    // MARK: Requests

    /// Callers flush to say that there are requests.
    func flush(context: ChannelHandlerContext) {
        let requests = link?.takeRequests(number) ?? []
        if requests.isEmpty { return context.flush() }
        var commands = RedisCommands(capacity: requests.count * 48)
        for request in requests { request.append(to: &commands) }
        send(commands, requests.map { .topic($0) }, context)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasRead = true
        var arrivals = Arrivals()
        do throws(ReplyRefusal) {
            try unwrapInboundIn(data).withUnsafeReadableBytes { bytes throws(ReplyRefusal) in
                // Taken one by one: the tape may end with the beginning of another one.
                try reader.read(bytes) { () throws(ReplyRefusal) in
                    for reply in reader.take(1) where !isEnded { take(reply, into: &arrivals, context) }
                }
            }
            deliver(arrivals, context)
        } catch {
            deliver(arrivals, context)
            end(context, RedisError(error, of: unwrapInboundIn(data).readableBytesView))
        }
    }

    private func take(_ reply: RedisReply, into arrivals: inout Arrivals, _ context: ChannelHandlerContext) {
        switch PushFrame(reply) {
        case .event(let event): arrivals.events.append(event)
        case .reply(let reply): arrivals.results += settle(reply, context)
        case .confirmation(let topic?, isBeginning: false) where isUnasked(topic):
            arrivals.events.append(.ended(topic))
            arrivals.results.append(PushResult(topic: topic, hasLeft: true))
        case .confirmation(let topic, let isBeginning):
            guard let topic, confirm(topic, isBeginning, context) else { return }
            arrivals.events.append(isBeginning ? .began(topic) : .ended(topic))
            if isBeginning { arrivals.results.append(PushResult(topic: topic)) }
        }
    }

    /// Whether the server has ended a sharded channel by itself, since it has given away the slot.
    private func isUnasked(_ topic: PushTopic) -> Bool {
        if case .topic(.end(topic)) = expected.first { return false }
        return topic.isShard
    }

    /// Messages go to the receiver before callers that wait for topics get their result.
    private func deliver(_ arrivals: Arrivals, _ context: ChannelHandlerContext) {
        let hasRoom = arrivals.events.isEmpty || link?.deliver(arrivals.events) ?? false
        link?.settle(arrivals.results, number)
        if hasRoom || isEnded { return }
        link?.pause(number)
        end(context, RedisError(.overloaded, "there is no room for more messages"))
    }

    private func confirm(_ topic: PushTopic, _ isBeginning: Bool, _ context: ChannelHandlerContext) -> Bool {
        switch expected.popFirst() {
        case .topic(.begin(topic)) where isBeginning, .topic(.end(topic)) where !isBeginning: return true
        default:
            end(context, RedisError(.malformedReply, "a confirmation that nobody asked for"))
            return false
        }
    }

    /// Takes a reply that is no confirmation.
    private func settle(_ reply: RedisReply, _ context: ChannelHandlerContext) -> [PushResult] {
        let error = reply.error.map { RedisError($0) }
        if let text = reply.error?.text, isOverdue(text) { return [] }
        switch expected.popFirst() {
        case .credentials:
            if let error { end(context, error) } else { introduce(context) }
        case .name:
            if let error, error.isFatal { end(context, error) }
        case .ping:
            if let error, error.isFatal { end(context, error) } else if !options.provesPrimary { ready(context) }
        case .role: take(PrimaryProof.verdict(role: reply), isLast: false, context)
        case .otherRole: take(PrimaryProof.verdict(info: reply), isLast: true, context)
        case .topic(let request):
            guard let error else {
                end(context, RedisError(.malformedReply, "the reply to a request for a topic does not have its name"))
                return []
            }
            if case .begin(let topic) = request { return [PushResult(topic: topic, refusal: error)] }
        case .keepAlive: break
        case nil: end(context, error ?? RedisError(.malformedReply, "a reply that nobody asked for"))
        }
        return []
    }

    /// Whether an error replies to the end of a sharded channel that we took as confirmed when the server ended it by
    /// itself: it names a slot for which nothing else is expected.
    private func isOverdue(_ error: String) -> Bool {
        guard error.hasPrefix("MOVED ") else { return false }
        guard case .topic(let request) = expected.first, request.topic.isShard else { return true }
        return !error.hasPrefix("MOVED \(RedisSlot(of: request.topic.text).number) ")
    }

    private func take(_ verdict: PrimaryProof.Verdict, isLast: Bool, _ context: ChannelHandlerContext) {
        switch verdict {
        case .primary: ready(context)
        case .no(let role): end(context, .noPrimary(role, at: options.url))
        case .refused(let error) where isLast: end(context, .unprovable(error, at: options.url))
        case .refused: send(PrimaryProof.otherQuestion, [.otherRole], context)
        }
    }

    private func ready(_ context: ChannelHandlerContext) {
        guard link != nil else { return end(context, RedisError(.closed, "nobody listens any more")) }
        isReady = true
        setTimer(context, after: options.commandTimeout)
        link?.opened(number, context.channel)
        options.watch?.connected(nil)
        guard let time = link?.checkTime else { return }
        let amount = TimeAmount(time)
        check = context.eventLoop.scheduleRepeatedTask(initialDelay: amount, delay: amount) { [weak link, number] _ in
            link?.check(number)
        }
    }

    // MARK: Time

    private func setTimer(_ context: ChannelHandlerContext, after time: Duration) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { [self] in
            watch(context)
        }
    }

    private func watch(_ context: ChannelHandlerContext) {
        guard isReady, hasRead || expected.isEmpty else {
            let limit = isReady ? options.commandTimeout : options.connectTimeout
            return end(
                context, RedisError(.timeout, "the server did not reply within \(limit.inWords)", effect: .unknown))
        }
        if !hasRead { send(RedisCommands("PING", for: .anyNode), [.keepAlive], context) }
        hasRead = false
        link?.askAgain(number)
        setTimer(context, after: options.commandTimeout)
    }

    // MARK: The end

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context, RedisError(transport: error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context, RedisError(.connection, "the connection was lost", effect: .unknown))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(context, RedisError(.connection, "the connection was lost", effect: .unknown))
    }

    private func end(_ context: ChannelHandlerContext, _ error: RedisError) {
        if isEnded { return }
        isEnded = true
        timer?.cancel()
        timer = nil
        check?.cancel()
        check = nil
        // Each address of a name is tried; the attempt itself reports that none can be reached.
        if isConnected {
            link?.ended(number, isReady ? error : error.found(at: options.url))
        }
        context.close(promise: nil)
    }
}

/// What came with one read.
private struct Arrivals {
    var events: [PushEvent] = []
    var results: [PushResult] = []
}

extension RedisError {
    /// Whether the connection is of no use. A user may lack the right to CLIENT SETNAME or PING.
    fileprivate var isFatal: Bool {
        guard let serverError else { return true }
        return !serverError.text.hasPrefix("NOPERM") && serverError.reaction != .fail
    }
}
