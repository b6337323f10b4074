// cel-go as a peer of the rule language.
//
//	cel-go eval <cases.ndjson >answers.ndjson
//	cel-go bench <shapes.ndjson
//
// A case is a line as `patuhctl expr --conformance` reads it: name, expr, bindings. An answer is the
// same line with value or error. Expressions are parsed, not checked, as in that command's plain mode.
// bench takes {"name", "expr", "records": [[tingkat, pengguna, nama, status, pemilik], …]}, a line a
// shape, and prints the nanoseconds of CPU a record of the fastest round, with a program prepared once.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/ext"
)

type object = map[string]any

func main() {
	runtime.GOMAXPROCS(1)
	mode := ""
	if len(os.Args) == 2 {
		mode = os.Args[1]
	}
	work := map[string]func(object) (object, error){"eval": answer, "bench": bench}[mode]
	if work == nil {
		fmt.Fprintln(os.Stderr, "cel-go: eval or bench")
		os.Exit(2)
	}
	if err := eachLine(work); err != nil {
		fmt.Fprintln(os.Stderr, "cel-go:", err)
		os.Exit(1)
	}
}

func eachLine(work func(object) (object, error)) error {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	decoder.UseNumber()
	for decoder.More() {
		var line object
		if err := decoder.Decode(&line); err != nil {
			return err
		}
		done, err := work(line)
		if err != nil {
			return err
		}
		if err := encoder.Encode(done); err != nil {
			return err
		}
	}
	return nil
}

// ── One case ──

func answer(line object) (object, error) {
	bindings, _ := line["bindings"].(object)
	activation := map[string]any{}
	for name, binding := range bindings {
		value, err := decode(binding.(object)["value"].(object))
		if err != nil {
			return nil, err
		}
		activation[name] = value
	}
	value, err := evaluate(line["expr"].(string), activation)
	if err == nil {
		line["value"], err = encode(value)
	}
	if err != nil {
		line["error"] = err.Error()
	}
	return line, nil
}

func evaluate(text string, activation map[string]any) (out ref.Val, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic: %v", fault)
		}
	}()
	env, err := cel.NewEnv(ext.Strings())
	if err != nil {
		return nil, err
	}
	tree, issues := env.Parse(text)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	program, err := env.Program(tree)
	if err != nil {
		return nil, err
	}
	out, _, err = program.Eval(activation)
	return out, err
}

// ── Values in the suite's JSON ──

func decode(node object) (ref.Val, error) {
	for kind, held := range node {
		switch kind {
		case "nullValue":
			return types.NullValue, nil
		case "boolValue":
			return types.Bool(held.(bool)), nil
		case "int64Value":
			n, err := strconv.ParseInt(held.(string), 10, 64)
			return types.Int(n), err
		case "uint64Value":
			n, err := strconv.ParseUint(held.(string), 10, 64)
			return types.Uint(n), err
		case "doubleValue":
			x, err := strconv.ParseFloat(fmt.Sprint(held), 64)
			return types.Double(x), err
		case "stringValue":
			return types.String(held.(string)), nil
		case "bytesValue":
			b, err := base64.StdEncoding.DecodeString(held.(string))
			return types.Bytes(b), err
		case "listValue":
			return decodeList(held.(object))
		case "mapValue":
			return decodeMap(held.(object))
		}
		return nil, fmt.Errorf("a binding of kind %s", kind)
	}
	return nil, fmt.Errorf("an empty binding")
}

func decodeList(node object) (ref.Val, error) {
	items := []ref.Val{}
	values, _ := node["values"].([]any)
	for _, one := range values {
		item, err := decode(one.(object))
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return types.NewRefValList(types.DefaultTypeAdapter, items), nil
}

func decodeMap(node object) (ref.Val, error) {
	entries := map[ref.Val]ref.Val{}
	pairs, _ := node["entries"].([]any)
	for _, one := range pairs {
		key, err := decode(one.(object)["key"].(object))
		if err != nil {
			return nil, err
		}
		if entries[key], err = decode(one.(object)["value"].(object)); err != nil {
			return nil, err
		}
	}
	return types.NewRefValMap(types.DefaultTypeAdapter, entries), nil
}

func encode(value ref.Val) (object, error) {
	switch v := value.(type) {
	case types.Null:
		return object{"nullValue": nil}, nil
	case types.Bool:
		return object{"boolValue": bool(v)}, nil
	case types.Int:
		return object{"int64Value": strconv.FormatInt(int64(v), 10)}, nil
	case types.Uint:
		return object{"uint64Value": strconv.FormatUint(uint64(v), 10)}, nil
	case types.Double:
		return object{"doubleValue": encodeDouble(float64(v))}, nil
	case types.String:
		return object{"stringValue": string(v)}, nil
	case types.Bytes:
		return object{"bytesValue": base64.StdEncoding.EncodeToString(v)}, nil
	case types.Timestamp:
		return wellKnown("Timestamp", v.Time.UTC().Format(time.RFC3339Nano)), nil
	case types.Duration:
		return wellKnown("Duration", encodeDuration(v.Duration)), nil
	case *types.Type:
		return object{"typeValue": v.TypeName()}, nil
	case traits.Mapper:
		return encodeMap(v)
	case traits.Lister:
		return encodeList(v)
	}
	return nil, fmt.Errorf("a value of type %s", value.Type().TypeName())
}

func encodeDouble(x float64) any {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "Infinity"
	case math.IsInf(x, -1):
		return "-Infinity"
	}
	return json.Number(strconv.FormatFloat(x, 'e', -1, 64)) // never without its exponent: no integer
}

func encodeDuration(d time.Duration) string {
	return strconv.FormatInt(d.Nanoseconds(), 10) + "ns"
}

func wellKnown(name string, text string) object {
	return object{"objectValue": object{"@type": "type.googleapis.com/google.protobuf." + name, "value": text}}
}

func encodeList(list traits.Lister) (object, error) {
	values := []any{}
	for it := list.Iterator(); it.HasNext() == types.True; {
		value, err := encode(it.Next())
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return object{"listValue": object{"values": values}}, nil
}

func encodeMap(m traits.Mapper) (object, error) {
	entries := []any{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		k, err := encode(key)
		if err != nil {
			return nil, err
		}
		v, err := encode(m.Get(key))
		if err != nil {
			return nil, err
		}
		entries = append(entries, object{"key": k, "value": v})
	}
	return object{"mapValue": object{"entries": entries}}, nil
}

// ── How fast ──

const rounds = 7

type record struct {
	Nama     string
	Status   string
	Tingkat  int64
	Pengguna int64
	Pemilik  *record
}

func bench(line object) (object, error) {
	records := recordsOf(line["records"].([]any))
	selves := make([]map[string]any, len(records))
	for i := range records {
		selves[i] = map[string]any{"self": mapOf(&records[i], 2)}
	}
	env, err := cel.NewEnv(cel.Variable("self", cel.MapType(cel.StringType, cel.DynType)))
	if err != nil {
		return nil, err
	}
	tree, issues := env.Compile(line["expr"].(string))
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	program, err := env.Program(tree, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, err
	}
	fastest, matches := math.Inf(1), 0
	for round := 0; round < rounds; round++ {
		matches = 0
		begin := spent()
		for _, self := range selves {
			value, _, err := program.Eval(self)
			if err != nil {
				return nil, err
			}
			if value == types.True {
				matches++
			}
		}
		fastest = math.Min(fastest, float64(spent()-begin)/float64(len(selves)))
	}
	return object{"name": line["name"], "nanos": fastest, "matches": matches}, nil
}

// Nanoseconds of CPU that this process has taken, its collector of garbage among them: others may be busy beside it.
func spent() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func recordsOf(rows []any) []record {
	whole := func(value any) int64 {
		n, err := value.(json.Number).Int64()
		if err != nil {
			panic(err)
		}
		return n
	}
	records := make([]record, len(rows))
	for i, one := range rows {
		row := one.([]any)
		records[i] = record{row[2].(string), row[3].(string), whole(row[0]), whole(row[1]), &records[whole(row[4])]}
	}
	return records
}

// The record as cel-go reads it fastest without generated protobuf code: a map, its owners within.
func mapOf(r *record, depth int) map[string]any {
	out := map[string]any{"nama": r.Nama, "status": r.Status, "tingkat": r.Tingkat, "pengguna": r.Pengguna}
	if depth > 0 {
		out["pemilik"] = mapOf(r.Pemilik, depth-1)
	}
	return out
}
