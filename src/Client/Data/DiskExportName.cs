namespace SnapshotGrains.Client;

/// <summary>
/// How a disk is asked for by its NBD export name, the only thing that an NBD client can say about its wishes:
/// <c>DISK</c>, then any of <c>:ro</c>, <c>:takeover</c>, <c>:resume</c>, <c>:cipher</c>, <c>:stored</c>,
/// <c>:as=HOLDER</c>.
/// </summary>
/// <param name="Disk">The disk's name.</param>
/// <param name="Access">For what it is attached.</param>
/// <param name="Holder">Who attaches it; connections of one holder may write at the same time.</param>
/// <param name="Form">What of it is attached.</param>
/// <param name="IsResumed">Whether a writer that was cut off comes back: he gets the disk only if nobody else wrote
/// meanwhile, and what he had under way is fenced.</param>
public sealed record DiskExportName(
    string Disk, DiskAccess Access, string Holder, DiskForm Form = DiskForm.Guest, bool IsResumed = false)
{
    /// <summary>The holder of connections that name none: they share the disk, as NBD's multi-conn asks for.</summary>
    public const string SharedHolder = "nbd";

    private const string ReadOnlyWord = "ro";
    private const string TakeOverWord = "takeover";
    private const string ResumeWord = "resume";
    private const string CiphertextWord = "cipher";
    private const string StoredWord = "stored";
    private const string HolderWord = "as=";

    /// <summary>What a valid name looks like, for messages.</summary>
    public const string Rule = "DISK, DISK:ro, DISK:takeover, DISK:cipher or DISK:as=HOLDER";

    /// <summary>Who may come back after he was cut off: a holder that names itself; else null.</summary>
    public string? Writer => Holder == SharedHolder ? null : Holder;

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
            if (parsed.With(word) is not { } next)
            {
                return false;
            }

            parsed = next;
        }

        return !parsed.IsResumed || (parsed.Access == DiskAccess.ReadWrite && parsed.Writer is not null);
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
        var form = Form switch
        {
            DiskForm.Ciphertext => $":{CiphertextWord}",
            DiskForm.Stored => $":{StoredWord}",
            _ => "",
        };
        return Disk + access + (IsResumed ? $":{ResumeWord}" : "") + form
            + (Holder == SharedHolder ? "" : $":{HolderWord}{Holder}");
    }

    /// <summary>With a further wish; null when there is no such wish, or it does not go with the others.</summary>
    private DiskExportName? With(string word) => word switch
    {
        ReadOnlyWord when Access == DiskAccess.ReadWrite => this with { Access = DiskAccess.ReadOnly },
        TakeOverWord when Access == DiskAccess.ReadWrite => this with { Access = DiskAccess.TakeOver },
        ResumeWord when !IsResumed => this with { IsResumed = true },
        CiphertextWord when Form == DiskForm.Guest => this with { Form = DiskForm.Ciphertext },
        StoredWord when Form == DiskForm.Guest => this with { Form = DiskForm.Stored },
        _ when word.StartsWith(HolderWord, StringComparison.Ordinal)
            && ResourceName.IsValid(word[HolderWord.Length..]) => this with { Holder = word[HolderWord.Length..] },
        _ => null,
    };
}
