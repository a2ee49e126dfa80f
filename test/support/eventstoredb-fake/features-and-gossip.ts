import type { handleUnaryCall } from '@grpc/grpc-js';
import gossip, { type ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import features, { type SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import type { Faults } from './faults.js';
import { uuidIn } from './wire.js';

const VERSION = '24.10.0';
const STREAMS = 'event_store.client.streams.streams';
const METHODS = [
  { service: STREAMS, method: 'read', features: ['position', 'events'] },
  { service: STREAMS, method: 'append', features: [] },
  { service: STREAMS, method: 'batchappend', features: ['deadline_duration'] },
  { service: 'event_store.client.gossip.gossip', method: 'read', features: [] },
  { service: 'event_store.client.server_features.serverfeatures', method: 'getsupportedmethods', features: [] },
];

/** A node as gossip shows it. */
export interface Member {
  instanceId: string;
  port: number;
  state: 'leader' | 'follower' | 'unknown';
  isAlive: boolean;
}

/** ServerFeatures.GetSupportedMethods. The client calls it once per connection, to learn of BatchAppend. */
export function supportedMethods(faults: Faults, batchAppend: boolean): handleUnaryCall<Empty, SupportedMethods> {
  return (_call, callback) =>
    faults.answer(() => {
      const offered = METHODS.filter(({ method }) => batchAppend || method !== 'batchappend').map(
        ({ service, method, features: own }) =>
          new features.SupportedMethod().setServiceName(service).setMethodName(method).setFeaturesList(own),
      );
      callback(null, new features.SupportedMethods().setEventStoreServerVersion(VERSION).setMethodsList(offered));
    });
}

/** Gossip.Read: the cluster as this node sees it. */
export function gossipRead(faults: Faults, members: () => readonly Member[]): handleUnaryCall<Empty, ClusterInfo> {
  return (_call, callback) =>
    faults.answer(() => {
      callback(null, new gossip.ClusterInfo().setMembersList(members().map(memberInfo)));
    });
}

function memberInfo({ instanceId, port, state, isAlive }: Member): gossip.MemberInfo {
  const { LEADER: leader, FOLLOWER: follower, UNKNOWN: unknown } = gossip.MemberInfo.VNodeState;
  return new gossip.MemberInfo()
    .setInstanceId(uuidIn(instanceId))
    .setTimeStamp(String(BigInt(Date.now()) * 10_000n))
    .setState({ leader, follower, unknown }[state])
    .setIsAlive(isAlive)
    .setHttpEndPoint(new gossip.EndPoint().setAddress('127.0.0.1').setPort(port));
}
