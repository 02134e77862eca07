using System.Buffers;
using Orleans;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.WireProtocol;

namespace SnapshotGrains.Bench.Transfer;

/// <summary>Reads a payload into a pooled array, in one piece, and never copies one inside a process.</summary>
[RegisterSerializer, RegisterCopier]
internal sealed class PooledPayloadCodec : IFieldCodec<PooledPayload?>, IDeepCopier<PooledPayload?>
{
    public void WriteField<TBufferWriter>(
        ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, PooledPayload? value)
        where TBufferWriter : IBufferWriter<byte>
    {
        ReferenceCodec.MarkValueField(writer.Session);
        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(PooledPayload), WireType.LengthPrefixed);
        writer.WriteVarUInt32((uint)value!.Length);
        writer.Write(value.Array.AsSpan(0, value.Length));
    }

    public PooledPayload ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        ReferenceCodec.MarkValueField(reader.Session);
        var length = (int)reader.ReadVarUInt32();
        var array = ArrayPool<byte>.Shared.Rent(length);
        reader.ReadBytes(array.AsSpan(0, length));
        return new PooledPayload(array, length);
    }

    public PooledPayload? DeepCopy(PooledPayload? input, CopyContext context) => input;
}
