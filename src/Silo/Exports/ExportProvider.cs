using SnapshotGrains.Client;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Silo.Exports;

/// <summary>Exports every disk by its name and every snapshot, read-only, as <c>NAME@SNAP</c>.</summary>
internal sealed class ExportProvider(SnapshotGrainsClient client, OpenExports open) : INbdExportProvider
{
    public async ValueTask<IReadOnlyList<NbdExportSummary>> ListAsync(CancellationToken ct)
    {
        var disks = await client.Control.ListDisksAsync(ct).ConfigureAwait(false);
        var images = await client.Control.ListImagesAsync(ct).ConfigureAwait(false);
        return
        [
            .. disks.Select(disk => new NbdExportSummary(disk.Name, DescriptionOf(disk.Parent))),
            .. images.Select(image => new NbdExportSummary(image.Id.ToString(), "Snapshot, read-only.")),
        ];
    }

    public async ValueTask<INbdExport?> OpenAsync(string name, CancellationToken ct)
    {
        try
        {
            if (SnapshotId.TryParse(name, out var snapshot))
            {
                return new DiskExport(
                    await client.OpenSnapshotAsync(snapshot, ct).ConfigureAwait(false), "Snapshot, read-only.", open);
            }

            if (!ResourceName.IsValid(name))
            {
                return null;
            }

            var disk = await client.OpenDiskAsync(name, ct).ConfigureAwait(false);
            return new DiskExport(disk, DescriptionOf(disk.Parent), open);
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
        {
            return null;
        }
        catch (SnapshotGrainsException error)
        {
            throw NbdErrors.Translate(error);
        }
    }

    private static string DescriptionOf(SnapshotId parent) => $"Disk, clone of {parent}.";
}
