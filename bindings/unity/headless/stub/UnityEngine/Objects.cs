// Stub of UnityEngine for the tests of this repository: objects, components and their life. It declares just what the package uses, with
// the signatures of Unity 2021.3, and behaves like Unity as far as the tests look. It is no part of the package.
using System;
using System.Collections.Generic;
using System.Reflection;

namespace UnityEngine
{
    public class Object
    {
        static readonly List<Object> Doomed = new List<Object>();
        bool destroyed;

        public string name { get; set; }
        public HideFlags hideFlags { get; set; }

        // A destroyed object equals null, as in Unity.
        public static bool operator ==(Object left, Object right) => ReferenceEquals(Alive(left), Alive(right));
        public static bool operator !=(Object left, Object right) => !(left == right);
        public static implicit operator bool(Object value) => !ReferenceEquals(Alive(value), null);
        public override bool Equals(object other) => other is Object value ? this == value : ReferenceEquals(other, null) && !this;
        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        public static void Destroy(Object value) => Doomed.Add(value);

        public static void DestroyImmediate(Object value)
        {
            if (!value) return;
            value.End();
            value.destroyed = true;
        }

        internal static void DestroyDoomed()
        {
            for (int i = 0; i < Doomed.Count; i++) DestroyImmediate(Doomed[i]);
            Doomed.Clear();
        }

        internal virtual void End() { }

        static Object Alive(Object value) => ReferenceEquals(value, null) || value.destroyed ? null : value;
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }
        public Transform transform => gameObject.transform;
        public T GetComponent<T>() => gameObject.GetComponent<T>();
        public void GetComponents<T>(List<T> results) => gameObject.GetComponents(results);
    }

    public class Behaviour : Component
    {
        bool enabledSelf = true;

        public bool enabled
        {
            get => enabledSelf;
            set
            {
                if (enabledSelf == value) return;
                enabledSelf = value;
                (this as MonoBehaviour)?.FollowActivity();
            }
        }

        public bool isActiveAndEnabled => enabledSelf && gameObject.activeInHierarchy;
    }

    public class Transform : Component { }

    // Unity calls these methods by their name, whoever may see them.
    public class MonoBehaviour : Behaviour
    {
        readonly Dictionary<string, Action> messages = new Dictionary<string, Action>();
        bool awake, running, started;

        public bool useGUILayout { get; set; } = true;

        internal void FollowActivity()
        {
            bool active = isActiveAndEnabled;
            if (gameObject.activeInHierarchy && !awake)
            {
                awake = true;
                Send("Awake");
            }
            if (active == running) return;
            running = active;
            Send(active ? "OnEnable" : "OnDisable");
        }

        internal void Play(string message)
        {
            if (!running) return;
            if (!started)
            {
                started = true;
                Send("Start");
            }
            Send(message);
        }

        internal override void End()
        {
            if (running)
            {
                running = false;
                Send("OnDisable");
            }
            if (awake) Send("OnDestroy");
            gameObject.Forget(this);
        }

        void Send(string message)
        {
            Action method;
            if (!messages.TryGetValue(message, out method))
            {
                MethodInfo found = null;
                const BindingFlags own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
                for (Type type = GetType(); found == null && type != typeof(MonoBehaviour); type = type.BaseType)
                    found = type.GetMethod(message, own, null, Type.EmptyTypes, null);
                method = found == null ? null : (Action)Delegate.CreateDelegate(typeof(Action), this, found);
                messages.Add(message, method);
            }
            // An exception ends the message, and is logged; the game goes on.
            try
            {
                method?.Invoke();
            }
            catch (Exception error)
            {
                Debug.LogException(error, this);
            }
        }
    }

    public sealed class GameObject : Object
    {
        static readonly List<GameObject> All = new List<GameObject>();
        readonly List<Component> components = new List<Component>();

        public GameObject() : this("New Game Object") { }

        public GameObject(string name, params Type[] componentTypes)
        {
            this.name = name;
            transform = new Transform { gameObject = this };
            components.Add(transform);
            All.Add(this);
            foreach (Type type in componentTypes) AddComponent(type);
        }

        public Transform transform { get; }
        public bool activeInHierarchy { get; private set; } = true;
        public bool activeSelf => activeInHierarchy;

        public T AddComponent<T>() where T : Component => (T)AddComponent(typeof(T));

        public Component AddComponent(Type type)
        {
            foreach (RequireComponent required in type.GetCustomAttributes(typeof(RequireComponent), true))
                foreach (Type other in required.Types)
                    if (!components.Exists(other.IsInstanceOfType)) AddComponent(other);
            bool one = type.IsDefined(typeof(DisallowMultipleComponent), true);
            if (one && components.Exists(type.IsInstanceOfType)) return null;
            var component = (Component)Activator.CreateInstance(type);
            component.gameObject = this;
            component.name = name;
            components.Add(component);
            (component as MonoBehaviour)?.FollowActivity();
            return component;
        }

        public T GetComponent<T>() => (T)(object)components.Find(component => component is T);

        public void GetComponents<T>(List<T> results)
        {
            results.Clear();
            for (int i = 0; i < components.Count; i++)
                if (components[i] is T) results.Add((T)(object)components[i]);
        }

        public void SetActive(bool value)
        {
            if (activeInHierarchy == value) return;
            activeInHierarchy = value;
            foreach (Component component in components.ToArray()) (component as MonoBehaviour)?.FollowActivity();
        }

        internal void Forget(Component component) => components.Remove(component);

        internal override void End()
        {
            foreach (Component component in components.ToArray()) DestroyImmediate(component);
            All.Remove(this);
        }

        internal static void PlayAll(string message)
        {
            for (int i = 0; i < All.Count; i++)
                for (int j = 0; j < All[i].components.Count; j++) (All[i].components[j] as MonoBehaviour)?.Play(message);
        }

        internal static void DestroyAll()
        {
            foreach (GameObject one in All.ToArray()) DestroyImmediate(one);
        }
    }

    [Flags]
    public enum HideFlags { None = 0, HideInHierarchy = 1, HideInInspector = 2, DontSaveInEditor = 4, DontSave = 52, HideAndDontSave = 61 }
}
