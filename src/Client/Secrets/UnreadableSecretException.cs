namespace SnapshotGrains.Client;

/// <summary>Why a secret cannot be had, as the end of a sentence, without what may be secret.</summary>
internal sealed class UnreadableSecretException(string why, Exception? inner = null) : Exception(why, inner);
