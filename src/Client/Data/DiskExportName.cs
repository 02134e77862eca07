namespace SnapshotGrains.Client;

/// <summary>
/// How a disk is asked for by its NBD export name, the only thing that an NBD client can say about its wishes:
/// <c>DISK</c>, then any of <c>:ro</c>, <c>:takeover</c>, <c>:cipher</c>, <c>:as=HOLDER</c>.
/// </summary>
/// <param name="Disk">The disk's name.</param>
/// <param name="Access">For what it is attached.</param>
/// <param name="Holder">Who attaches it; connections of one holder may write at the same time.</param>
/// <param name="IsCiphertext">Whether an encrypted disk is left encrypted: the reader has its key.</param>
public sealed record DiskExportName(string Disk, DiskAccess Access, string Holder, bool IsCiphertext = false)
{
    /// <summary>The holder of connections that name none: they share the disk, as NBD's multi-conn asks for.</summary>
    public const string SharedHolder = "nbd";

    private const string ReadOnlyWord = "ro";
    private const string TakeOverWord = "takeover";
    private const string CiphertextWord = "cipher";
    private const string HolderWord = "as=";

    /// <summary>What a valid name looks like, for messages.</summary>
    public const string Rule = "DISK, DISK:ro, DISK:takeover, DISK:cipher or DISK:as=HOLDER";

    /// <summary>Reads an export name; false when it is none of a disk.</summary>
    public static bool TryParse(string name, out DiskExportName parsed)
    {
        var words = name.Split(':');
        parsed = new DiskExportName(words[0], DiskAccess.ReadWrite, SharedHolder);
        if (!ResourceName.IsValid(parsed.Disk))
        {
            return false;
        }

        foreach (var word in words.Skip(1))
        {
            if (word == ReadOnlyWord && parsed.Access == DiskAccess.ReadWrite)
            {
                parsed = parsed with { Access = DiskAccess.ReadOnly };
            }
            else if (word == TakeOverWord && parsed.Access == DiskAccess.ReadWrite)
            {
                parsed = parsed with { Access = DiskAccess.TakeOver };
            }
            else if (word == CiphertextWord && !parsed.IsCiphertext)
            {
                parsed = parsed with { IsCiphertext = true };
            }
            else if (word.StartsWith(HolderWord, StringComparison.Ordinal)
                && ResourceName.IsValid(word[HolderWord.Length..]))
            {
                parsed = parsed with { Holder = word[HolderWord.Length..] };
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc />
    public override string ToString()
    {
        var access = Access switch
        {
            DiskAccess.ReadOnly => $":{ReadOnlyWord}",
            DiskAccess.TakeOver => $":{TakeOverWord}",
            _ => "",
        };
        var form = IsCiphertext ? $":{CiphertextWord}" : "";
        return Disk + access + form + (Holder == SharedHolder ? "" : $":{HolderWord}{Holder}");
    }
}
