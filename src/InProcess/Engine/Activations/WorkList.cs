namespace SnapshotGrains.InProcess.Activations;

/// <summary>An intrusive list: a piece of work is in one at most. Not thread-safe.</summary>
internal sealed class WorkList
{
    public ActivationWork? Head { get; private set; }

    public ActivationWork? Tail { get; private set; }

    public int Count { get; private set; }

    /// <summary>How many may overtake others.</summary>
    public int Overtakers { get; private set; }

    public void Add(ActivationWork work)
    {
        work.List = this;
        work.Previous = Tail;
        if (Tail is null)
        {
            Head = work;
        }
        else
        {
            Tail.Next = work;
        }

        Tail = work;
        Count++;
        Overtakers += work.MayOvertake ? 1 : 0;
    }

    public bool Remove(ActivationWork work)
    {
        if (!ReferenceEquals(work.List, this))
        {
            return false;
        }

        if (work.Previous is null)
        {
            Head = work.Next;
        }
        else
        {
            work.Previous.Next = work.Next;
        }

        if (work.Next is null)
        {
            Tail = work.Previous;
        }
        else
        {
            work.Next.Previous = work.Previous;
        }

        work.List = null;
        work.Next = work.Previous = null;
        Count--;
        Overtakers -= work.MayOvertake ? 1 : 0;
        return true;
    }

    public ActivationWork[] TakeAll()
    {
        var all = new ActivationWork[Count];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = Head!;
            Remove(all[i]);
        }

        return all;
    }
}
